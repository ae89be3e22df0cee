CREATE TABLE "statement_adjustments" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"programme_id" text NOT NULL,
	"about" text NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"person_id" text NOT NULL,
	"at" bigint NOT NULL,
	"bucket" integer NOT NULL,
	"entry_id" text NOT NULL,
	"statement_id" text
);
--> statement-breakpoint
CREATE TABLE "statement_approvals" (
	"statement_id" text NOT NULL,
	"person_id" text NOT NULL,
	"principal_id" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "statement_approvals_statement_id_person_id_pk" PRIMARY KEY("statement_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "statement_lines" (
	"statement_id" text NOT NULL,
	"line" integer NOT NULL,
	"kind" text NOT NULL,
	"at" bigint NOT NULL,
	"programme_id" text NOT NULL,
	"benefit_id" text,
	"store_id" text,
	"subject_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"bucket" integer NOT NULL,
	"entry_id" text NOT NULL,
	"leaf_hash" "bytea" NOT NULL,
	CONSTRAINT "statement_lines_statement_id_line_pk" PRIMARY KEY("statement_id","line")
);
--> statement-breakpoint
CREATE TABLE "statements" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"bucket" integer NOT NULL,
	"month" text NOT NULL,
	"state" text NOT NULL,
	"closed_by" text,
	"closed_at" bigint NOT NULL,
	"lines" integer NOT NULL,
	"redeemed" bigint NOT NULL,
	"reversed" bigint NOT NULL,
	"adjusted" bigint NOT NULL,
	"total" bigint NOT NULL,
	"digest" "bytea",
	"confirmed_at" bigint,
	"confirmed_by" text,
	"disputed_at" bigint,
	"disputed_by" text,
	"dispute_reason" text,
	"dispute_text" text,
	"answered_at" bigint,
	"answered_by" text,
	"answer" text,
	"approvals" integer NOT NULL,
	"approved_at" bigint,
	"paid_at" bigint,
	"paid_by" text,
	"bank_reference" text
);
--> statement-breakpoint
ALTER TABLE "redemptions" ADD COLUMN "reversal_entry_id" text;--> statement-breakpoint
ALTER TABLE "redemptions" ADD COLUMN "statement_id" text;--> statement-breakpoint
CREATE INDEX "statement_adjustments_open" ON "statement_adjustments" USING btree ("merchant_id") WHERE statement_id is null;--> statement-breakpoint
CREATE UNIQUE INDEX "statement_lines_entry" ON "statement_lines" USING btree ("bucket","entry_id");--> statement-breakpoint
CREATE UNIQUE INDEX "statements_month" ON "statements" USING btree ("merchant_id","month");--> statement-breakpoint
CREATE INDEX "statements_state" ON "statements" USING btree ("state","closed_at");--> statement-breakpoint
CREATE INDEX "redemptions_unstated" ON "redemptions" USING btree ("merchant_id","redeemed_at") WHERE statement_id is null;
--> statement-breakpoint
CREATE TRIGGER statement_lines_append_only BEFORE UPDATE OR DELETE ON statement_lines
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statement_lines_no_truncate BEFORE TRUNCATE ON statement_lines
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statement_approvals_append_only BEFORE UPDATE OR DELETE ON statement_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statement_approvals_no_truncate BEFORE TRUNCATE ON statement_approvals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statements_no_change BEFORE UPDATE ON statements
  FOR EACH ROW WHEN (OLD.digest IS NOT NULL AND (NEW.digest IS DISTINCT FROM OLD.digest
    OR NEW.total <> OLD.total OR NEW.lines <> OLD.lines OR NEW.redeemed <> OLD.redeemed
    OR NEW.reversed <> OLD.reversed OR NEW.adjusted <> OLD.adjusted OR NEW.month <> OLD.month
    OR NEW.merchant_id <> OLD.merchant_id))
  EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statements_no_delete BEFORE DELETE ON statements
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statements_no_truncate BEFORE TRUNCATE ON statements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statement_adjustments_no_change BEFORE UPDATE ON statement_adjustments
  FOR EACH ROW WHEN (OLD.statement_id IS NOT NULL OR NEW.amount <> OLD.amount
    OR NEW.merchant_id <> OLD.merchant_id OR NEW.entry_id <> OLD.entry_id)
  EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statement_adjustments_no_delete BEFORE DELETE ON statement_adjustments
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statement_adjustments_no_truncate BEFORE TRUNCATE ON statement_adjustments
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
