CREATE TABLE "cosignatures" (
	"log" text NOT NULL,
	"size" bigint NOT NULL,
	"witness" text NOT NULL,
	"time_seconds" bigint NOT NULL,
	"checkpoint" text NOT NULL,
	"line" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "cosignatures_log_size_witness_pk" PRIMARY KEY("log","size","witness")
);
--> statement-breakpoint
CREATE TABLE "witnessed_checkpoints" (
	"log" text NOT NULL,
	"size" bigint NOT NULL,
	"checkpoint" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "witnessed_checkpoints_log_size_pk" PRIMARY KEY("log","size")
);
--> statement-breakpoint
CREATE TABLE "witnessed_keys" (
	"vkey" text PRIMARY KEY NOT NULL,
	"origin" text NOT NULL,
	"added_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "witnessed_logs" (
	"origin" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"root" "bytea" NOT NULL,
	"checkpoint" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "cosignatures_witness" ON "cosignatures" USING btree ("log","witness","size");--> statement-breakpoint
CREATE TRIGGER cosignatures_append_only BEFORE UPDATE OR DELETE ON cosignatures
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER cosignatures_no_truncate BEFORE TRUNCATE ON cosignatures
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER witnessed_checkpoints_append_only BEFORE UPDATE OR DELETE ON witnessed_checkpoints
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER witnessed_checkpoints_no_truncate BEFORE TRUNCATE ON witnessed_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
