CREATE TABLE "invitations" (
	"id" text PRIMARY KEY NOT NULL,
	"principal_id" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"invited_by" text,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "looks" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"principal_id" text NOT NULL,
	"role" text NOT NULL,
	"org_code" text NOT NULL,
	"reason" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "passkeys" (
	"id" text PRIMARY KEY NOT NULL,
	"principal_id" text,
	"member_id" text,
	"public_key" "bytea" NOT NULL,
	"counter" bigint NOT NULL,
	"transports" text NOT NULL,
	"backed_up" boolean NOT NULL,
	"name" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_used_at" bigint,
	"removed_at" bigint,
	"enrolled_on" text,
	"enrolled" integer NOT NULL,
	CONSTRAINT "passkeys_one_owner" CHECK ((principal_id is null) <> (member_id is null))
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"principal_id" text NOT NULL,
	"passkey_id" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_token" ON "invitations" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "invitations_principal" ON "invitations" USING btree ("principal_id","expires_at");--> statement-breakpoint
CREATE INDEX "looks_member" ON "looks" USING btree ("member_id","id");--> statement-breakpoint
CREATE INDEX "passkeys_principal" ON "passkeys" USING btree ("principal_id");--> statement-breakpoint
CREATE INDEX "passkeys_member" ON "passkeys" USING btree ("member_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_token" ON "sessions" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "sessions_principal" ON "sessions" USING btree ("principal_id");--> statement-breakpoint
CREATE INDEX "sessions_age" ON "sessions" USING btree ("created_at");--> statement-breakpoint
CREATE TRIGGER looks_append_only BEFORE UPDATE OR DELETE ON looks
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER looks_no_truncate BEFORE TRUNCATE ON looks
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
