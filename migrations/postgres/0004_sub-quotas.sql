CREATE TABLE "quota_units" (
	"bucket" integer NOT NULL,
	"voucher_id" text NOT NULL,
	"scope" text NOT NULL,
	"benefit_id" text NOT NULL,
	CONSTRAINT "quota_units_bucket_voucher_id_scope_pk" PRIMARY KEY("bucket","voucher_id","scope")
);
--> statement-breakpoint
CREATE INDEX "quota_units_level" ON "quota_units" USING btree ("benefit_id","scope");