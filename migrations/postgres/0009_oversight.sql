CREATE TABLE "erasures" (
	"member_id" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger_closes" (
	"day" text PRIMARY KEY NOT NULL,
	"entry_id" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reconciliations" (
	"day" text PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"good" boolean NOT NULL,
	"report" text NOT NULL
);

--> statement-breakpoint
CREATE TRIGGER erasures_append_only BEFORE UPDATE OR DELETE ON erasures
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER erasures_no_truncate BEFORE TRUNCATE ON erasures
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER ledger_closes_append_only BEFORE UPDATE OR DELETE ON ledger_closes
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER ledger_closes_no_truncate BEFORE TRUNCATE ON ledger_closes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
