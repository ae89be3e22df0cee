CREATE TABLE "delegations" (
	"bucket" integer NOT NULL,
	"id" text NOT NULL,
	"voucher_id" text NOT NULL,
	"member_id" text NOT NULL,
	"sealed" "bytea",
	"code_hash" "bytea" NOT NULL,
	"evidence" "bytea" NOT NULL,
	"valid_from" bigint NOT NULL,
	"valid_to" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"revoked_at" bigint,
	"used_at" bigint,
	CONSTRAINT "delegations_bucket_id_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "delegations_dates" CHECK ("delegations"."valid_from" < "delegations"."valid_to")
);
--> statement-breakpoint
CREATE TABLE "redemption_reports" (
	"bucket" integer NOT NULL,
	"id" text NOT NULL,
	"redemption_id" text NOT NULL,
	"voucher_id" text NOT NULL,
	"member_id" text NOT NULL,
	"org_code" text NOT NULL,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"created_at" bigint NOT NULL,
	"decided_at" bigint,
	"decided_by" text,
	"sealed_answer" "bytea",
	CONSTRAINT "redemption_reports_bucket_id_pk" PRIMARY KEY("bucket","id")
);
--> statement-breakpoint
ALTER TABLE "preparations" ADD COLUMN "delegation_id" text;--> statement-breakpoint
ALTER TABLE "preparations" ADD COLUMN "order_amount" bigint;--> statement-breakpoint
ALTER TABLE "redemptions" ADD COLUMN "collected_by" text;--> statement-breakpoint
CREATE UNIQUE INDEX "delegations_one" ON "delegations" USING btree ("bucket","voucher_id") WHERE revoked_at is null and used_at is null;--> statement-breakpoint
CREATE INDEX "delegations_code" ON "delegations" USING btree ("code_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "redemption_reports_once" ON "redemption_reports" USING btree ("bucket","redemption_id");--> statement-breakpoint
CREATE INDEX "redemption_reports_state" ON "redemption_reports" USING btree ("state","id");