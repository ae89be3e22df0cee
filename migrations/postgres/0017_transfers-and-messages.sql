CREATE TABLE "message_preferences" (
	"member_id" text PRIMARY KEY NOT NULL,
	"language" text NOT NULL,
	"muted" text NOT NULL,
	"quiet_from" integer NOT NULL,
	"quiet_to" integer NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "message_preferences_hours" CHECK ("message_preferences"."quiet_from" between 0 and 23),
	CONSTRAINT "message_preferences_until" CHECK ("message_preferences"."quiet_to" between 0 and 23)
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"bucket" integer NOT NULL,
	"id" text NOT NULL,
	"member_id" text NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"values" text NOT NULL,
	"at" bigint NOT NULL,
	"read_at" bigint,
	"delivery" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_at" bigint,
	"sent_at" bigint,
	CONSTRAINT "messages_bucket_id_pk" PRIMARY KEY("bucket","id")
);
--> statement-breakpoint
CREATE TABLE "transfers" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"from_org" text NOT NULL,
	"to_org" text NOT NULL,
	"state" text NOT NULL,
	"asked_by" text,
	"asked_at" bigint NOT NULL,
	"released_by" text,
	"released_by_person" text,
	"released_at" bigint,
	"received_by" text,
	"received_by_person" text,
	"received_at" bigint,
	"ended_at" bigint,
	"refused_by" text,
	"refused_side" text,
	"sealed_reason" "bytea",
	CONSTRAINT "transfers_consent" CHECK ("transfers"."state" <> 'done' or ("transfers"."released_by_person" is not null
          and "transfers"."received_by_person" is not null and "transfers"."released_by_person" <> "transfers"."received_by_person"))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "messages_subject" ON "messages" USING btree ("bucket","member_id","kind","subject");--> statement-breakpoint
CREATE INDEX "messages_inbox" ON "messages" USING btree ("bucket","member_id","id");--> statement-breakpoint
CREATE INDEX "messages_due" ON "messages" USING btree ("next_at") WHERE next_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "transfers_open" ON "transfers" USING btree ("member_id") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "transfers_member" ON "transfers" USING btree ("member_id","id");--> statement-breakpoint
CREATE INDEX "transfers_from" ON "transfers" USING btree ("from_org","id");--> statement-breakpoint
CREATE INDEX "transfers_to" ON "transfers" USING btree ("to_org","id");