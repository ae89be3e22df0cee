CREATE TABLE "credential_events" (
	"credential_id" text NOT NULL,
	"version" integer NOT NULL,
	"act" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "credential_events_credential_id_version_pk" PRIMARY KEY("credential_id","version")
);
--> statement-breakpoint
CREATE TABLE "credential_offers" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"device_id" text,
	"tx_hash" "bytea",
	"tries_left" integer NOT NULL,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint,
	"revoked_at" bigint,
	"waits" boolean NOT NULL,
	"approved_at" bigint,
	"approved_by" text
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"issuance_id" text NOT NULL,
	"device_id" text,
	"holder" text NOT NULL,
	"status_list" integer NOT NULL,
	"status_index" integer NOT NULL,
	"issued_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"status" integer NOT NULL,
	"held" boolean NOT NULL,
	"held_for_member" boolean NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deferred_issuances" (
	"id" text PRIMARY KEY NOT NULL,
	"grant_id" text NOT NULL,
	"keys" text NOT NULL,
	"created_at" bigint NOT NULL,
	"collected_at" bigint
);
--> statement-breakpoint
CREATE TABLE "issuances" (
	"id" text PRIMARY KEY NOT NULL,
	"grant_id" text NOT NULL,
	"at" bigint NOT NULL,
	"notified" text,
	"notified_at" bigint
);
--> statement-breakpoint
CREATE TABLE "member_events" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"kind" text NOT NULL,
	"device_id" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "status_lists" (
	"number" integer PRIMARY KEY NOT NULL,
	"quarter" text NOT NULL,
	"taken" integer NOT NULL,
	"opened_at" bigint NOT NULL,
	"changes" integer NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "wallet_grants" (
	"id" text PRIMARY KEY NOT NULL,
	"offer_id" text NOT NULL,
	"member_id" text NOT NULL,
	"device_id" text,
	"thumbprint" text NOT NULL,
	"access_hash" "bytea" NOT NULL,
	"access_until" bigint NOT NULL,
	"refresh_hash" "bytea" NOT NULL,
	"refresh_until" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"revoked_at" bigint
);
--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_issuance_id_issuances_id_fk" FOREIGN KEY ("issuance_id") REFERENCES "public"."issuances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_status_list_status_lists_number_fk" FOREIGN KEY ("status_list") REFERENCES "public"."status_lists"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deferred_issuances" ADD CONSTRAINT "deferred_issuances_grant_id_wallet_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."wallet_grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issuances" ADD CONSTRAINT "issuances_grant_id_wallet_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."wallet_grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "credential_offers_member" ON "credential_offers" USING btree ("member_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "credentials_status" ON "credentials" USING btree ("status_list","status_index");--> statement-breakpoint
CREATE INDEX "credentials_member" ON "credentials" USING btree ("member_id","issued_at");--> statement-breakpoint
CREATE INDEX "member_events_member" ON "member_events" USING btree ("member_id","id");--> statement-breakpoint
CREATE INDEX "status_lists_quarter" ON "status_lists" USING btree ("quarter","number");--> statement-breakpoint
CREATE INDEX "wallet_grants_member" ON "wallet_grants" USING btree ("member_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "wallet_grants_offer" ON "wallet_grants" USING btree ("offer_id");--> statement-breakpoint
CREATE TRIGGER credential_events_append_only BEFORE UPDATE OR DELETE ON credential_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER credential_events_no_truncate BEFORE TRUNCATE ON credential_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
