CREATE TABLE "peer_asks" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"peer" integer NOT NULL,
	"terminal_id" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"request_digest" "bytea" NOT NULL,
	"merchant_id" text NOT NULL,
	"store_id" text NOT NULL,
	"shift_id" text NOT NULL,
	"cashier_id" text NOT NULL,
	"voucher_id" text NOT NULL,
	"evidence" "bytea" NOT NULL,
	"sealed_request" "bytea" NOT NULL,
	"sealed_answer" "bytea",
	"home_id" text,
	"redemption_id" text,
	"asked_at" bigint NOT NULL,
	"look_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "peer_bookings" (
	"bucket" integer NOT NULL,
	"ref" "bytea" NOT NULL,
	"peer" integer NOT NULL,
	"kind" text NOT NULL,
	"amount" bigint NOT NULL,
	"entry_id" text NOT NULL,
	"redemption_id" text NOT NULL,
	"home_id" text NOT NULL,
	"receipt" "bytea" NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "peer_bookings_bucket_ref_pk" PRIMARY KEY("bucket","ref")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "peer_asks_key" ON "peer_asks" USING btree ("terminal_id","kind","key");--> statement-breakpoint
CREATE INDEX "peer_asks_open" ON "peer_asks" USING btree ("state","look_at");--> statement-breakpoint
CREATE UNIQUE INDEX "peer_bookings_redemption" ON "peer_bookings" USING btree ("bucket","redemption_id","kind");--> statement-breakpoint
CREATE INDEX "peer_bookings_peer" ON "peer_bookings" USING btree ("peer");
--> statement-breakpoint
CREATE TRIGGER peer_bookings_append_only BEFORE UPDATE OR DELETE ON peer_bookings
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER peer_bookings_no_truncate BEFORE TRUNCATE ON peer_bookings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
