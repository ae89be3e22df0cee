CREATE TABLE "application_tries" (
	"scope" text NOT NULL,
	"window" bigint NOT NULL,
	"tries" integer NOT NULL,
	CONSTRAINT "application_tries_scope_window_pk" PRIMARY KEY("scope","window")
);
--> statement-breakpoint
CREATE TABLE "applications" (
	"id" text PRIMARY KEY NOT NULL,
	"org_code" text NOT NULL,
	"join_code_id" text,
	"file_id" text,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"id_hash" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"thumbprint" text,
	"spki" "bytea",
	"created_at" bigint NOT NULL,
	"decided_at" bigint,
	"decided_by" text,
	"sealed_reason" "bytea",
	"member_id" text,
	"device_id" text
);
--> statement-breakpoint
CREATE TABLE "join_codes" (
	"id" text PRIMARY KEY NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"org_code" text NOT NULL,
	"note" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"ends_at" bigint,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "joinings" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"decided_by_person" text NOT NULL,
	"at" bigint NOT NULL,
	"welcomed_at" bigint
);
--> statement-breakpoint
CREATE TABLE "phone_moves" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"old_device_id" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"expires_at" bigint NOT NULL,
	"thumbprint" text,
	"spki" "bytea",
	"name" text,
	"confirmed_at" bigint,
	"new_device_id" text
);
--> statement-breakpoint
CREATE TABLE "welcomes" (
	"joining_id" text NOT NULL,
	"benefit_id" text NOT NULL,
	"refused" text,
	"at" bigint NOT NULL,
	CONSTRAINT "welcomes_joining_id_benefit_id_pk" PRIMARY KEY("joining_id","benefit_id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "applications_key" ON "applications" USING btree ("thumbprint") WHERE state <> 'rejected';--> statement-breakpoint
CREATE INDEX "applications_organisation" ON "applications" USING btree ("org_code","id");--> statement-breakpoint
CREATE INDEX "applications_identity" ON "applications" USING btree ("id_hash");--> statement-breakpoint
CREATE INDEX "applications_file" ON "applications" USING btree ("file_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "join_codes_hash" ON "join_codes" USING btree ("code_hash");--> statement-breakpoint
CREATE INDEX "join_codes_organisation" ON "join_codes" USING btree ("org_code","id");--> statement-breakpoint
CREATE INDEX "joinings_open" ON "joinings" USING btree ("id") WHERE welcomed_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "phone_moves_secret" ON "phone_moves" USING btree ("secret_hash");--> statement-breakpoint
CREATE INDEX "phone_moves_key" ON "phone_moves" USING btree ("thumbprint","id");