CREATE TABLE "draw_entries" (
	"bucket" integer NOT NULL,
	"draw_id" text NOT NULL,
	"person_id" text NOT NULL,
	"member_id" text NOT NULL,
	"pseudonym" text NOT NULL,
	"at" bigint NOT NULL,
	"entry_id" text NOT NULL,
	"leaf_hash" "bytea" NOT NULL,
	"voucher_id" text,
	CONSTRAINT "draw_entries_bucket_draw_id_person_id_pk" PRIMARY KEY("bucket","draw_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "draw_gates" (
	"draw_id" text NOT NULL,
	"gate" integer NOT NULL,
	"opens_at" bigint NOT NULL,
	"closes_at" bigint NOT NULL,
	"shut" boolean NOT NULL,
	"entrants" bigint NOT NULL,
	CONSTRAINT "draw_gates_draw_id_gate_pk" PRIMARY KEY("draw_id","gate"),
	CONSTRAINT "draw_gates_entrants" CHECK ("draw_gates"."entrants" >= 0)
);
--> statement-breakpoint
CREATE TABLE "draws" (
	"id" text PRIMARY KEY NOT NULL,
	"benefit_id" text NOT NULL,
	"benefit_version" integer NOT NULL,
	"mode" text NOT NULL,
	"state" text NOT NULL,
	"opens_at" bigint NOT NULL,
	"closes_at" bigint NOT NULL,
	"units" bigint NOT NULL,
	"sealed_seed" "bytea",
	"seed_hash" "bytea",
	"witness" text,
	"open_entry_id" text,
	"open_leaf" "bytea",
	"entrants" bigint,
	"close_entry_id" text,
	"close_leaf" "bytea",
	"run_entry_id" text,
	"signature" "bytea",
	"seed" "bytea",
	"drawn_at" bigint,
	"cursor" bigint NOT NULL,
	"target" bigint NOT NULL,
	"round" integer NOT NULL,
	"again_at" bigint,
	"created_at" bigint NOT NULL,
	CONSTRAINT "draws_times" CHECK ("draws"."opens_at" < "draws"."closes_at"),
	CONSTRAINT "draws_ranks" CHECK ("draws"."cursor" between 0 and "draws"."target")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "draw_entries_pseudonym" ON "draw_entries" USING btree ("bucket","draw_id","pseudonym");--> statement-breakpoint
CREATE INDEX "draw_entries_draw" ON "draw_entries" USING btree ("draw_id","pseudonym");--> statement-breakpoint
CREATE UNIQUE INDEX "draws_benefit" ON "draws" USING btree ("benefit_id");--> statement-breakpoint
CREATE INDEX "draws_waiting" ON "draws" USING btree ("id") WHERE state not in ('done', 'cancelled');