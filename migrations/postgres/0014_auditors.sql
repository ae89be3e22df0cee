CREATE TABLE "decision_receipts" (
	"bucket" integer NOT NULL,
	"id" text NOT NULL,
	"member_id" text NOT NULL,
	"benefit_id" text NOT NULL,
	"benefit_version" integer NOT NULL,
	"criteria_hash" "bytea" NOT NULL,
	"evaluator" integer NOT NULL,
	"today" text NOT NULL,
	"outcome" text NOT NULL,
	"refused" text,
	"fact_hashes" text NOT NULL,
	"sealed_facts" "bytea",
	"at" bigint NOT NULL,
	CONSTRAINT "decision_receipts_bucket_id_pk" PRIMARY KEY("bucket","id")
);
--> statement-breakpoint
CREATE TABLE "unmask_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"reason" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_by_person" text NOT NULL,
	"requested_at" bigint NOT NULL,
	"decision" text,
	"decided_by" text,
	"decided_by_person" text,
	"decided_at" bigint,
	"evidence" text
);
--> statement-breakpoint
ALTER TABLE "looks" ADD COLUMN "step" text;--> statement-breakpoint
CREATE INDEX "decision_receipts_id" ON "decision_receipts" USING btree ("id");
--> statement-breakpoint
CREATE TRIGGER decision_receipts_no_change BEFORE UPDATE OR DELETE ON decision_receipts
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER decision_receipts_no_truncate BEFORE TRUNCATE ON decision_receipts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
