CREATE TABLE "verification_hooks" (
	"verification_id" text PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_at" bigint,
	"delivered_at" bigint
);
--> statement-breakpoint
CREATE TABLE "verifications" (
	"id" text PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"asked_by" text NOT NULL,
	"state" text NOT NULL,
	"client_id" text NOT NULL,
	"nonce" text NOT NULL,
	"wallet_state" text NOT NULL,
	"query" text NOT NULL,
	"transaction_data" text NOT NULL,
	"encryption_key" text NOT NULL,
	"sealed_key" "bytea" NOT NULL,
	"redirect_uri" text,
	"response_code_hash" "bytea",
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"answered_at" bigint,
	"refused" text,
	"refusals" integer NOT NULL,
	"sealed_result" "bytea",
	"evidence" "bytea",
	"spent_at" bigint
);
--> statement-breakpoint
ALTER TABLE "verification_hooks" ADD CONSTRAINT "verification_hooks_verification_id_verifications_id_fk" FOREIGN KEY ("verification_id") REFERENCES "public"."verifications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "verification_hooks_due" ON "verification_hooks" USING btree ("next_at");--> statement-breakpoint
CREATE UNIQUE INDEX "verifications_request" ON "verifications" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "verifications_expiry" ON "verifications" USING btree ("expires_at");