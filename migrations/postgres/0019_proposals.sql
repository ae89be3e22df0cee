CREATE TABLE "proposal_decisions" (
	"proposal_id" text NOT NULL,
	"person_id" text NOT NULL,
	"principal_id" text NOT NULL,
	"decision" text NOT NULL,
	"statement" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "proposal_decisions_proposal_id_person_id_pk" PRIMARY KEY("proposal_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"programme_id" text NOT NULL,
	"org_code" text NOT NULL,
	"content" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"approvals_needed" integer NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_by_person" text NOT NULL,
	"proposed_at" bigint NOT NULL,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE INDEX "proposals_state" ON "proposals" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "proposals_subject" ON "proposals" USING btree ("subject","id");
--> statement-breakpoint
CREATE TRIGGER proposal_decisions_append_only BEFORE UPDATE OR DELETE ON proposal_decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER proposal_decisions_no_truncate BEFORE TRUNCATE ON proposal_decisions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
