CREATE TABLE "batch_left_out" (
	"batch_id" text NOT NULL,
	"member_id" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "batch_left_out_batch_id_member_id_pk" PRIMARY KEY("batch_id","member_id")
);
--> statement-breakpoint
CREATE TABLE "recall_vouchers" (
	"recall_id" text NOT NULL,
	"bucket" integer NOT NULL,
	"voucher_id" text NOT NULL,
	CONSTRAINT "recall_vouchers_recall_id_bucket_voucher_id_pk" PRIMARY KEY("recall_id","bucket","voucher_id")
);
--> statement-breakpoint
CREATE TABLE "recalls" (
	"id" text PRIMARY KEY NOT NULL,
	"batch_id" text NOT NULL,
	"selection" text NOT NULL,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"proposal_id" text,
	"count" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"cannot" text NOT NULL,
	"vouchers_hash" "bytea" NOT NULL,
	"cursor" text NOT NULL,
	"recalled" bigint NOT NULL,
	"returned" bigint NOT NULL,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"finished_at" bigint
);
--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "retries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "recalls_batch" ON "recalls" USING btree ("batch_id","id");--> statement-breakpoint
CREATE INDEX "recalls_state" ON "recalls" USING btree ("state");