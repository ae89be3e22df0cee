CREATE TABLE "reissues" (
	"bucket" integer NOT NULL,
	"voucher_id" text NOT NULL,
	"successor_id" text NOT NULL,
	CONSTRAINT "reissues_bucket_voucher_id_pk" PRIMARY KEY("bucket","voucher_id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "reissues_successor" ON "reissues" USING btree ("bucket","successor_id");
--> statement-breakpoint
CREATE TRIGGER reissues_append_only BEFORE UPDATE OR DELETE ON reissues
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER reissues_no_truncate BEFORE TRUNCATE ON reissues
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
