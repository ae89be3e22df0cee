CREATE TABLE "budget_days" (
	"programme_id" text NOT NULL,
	"day" text NOT NULL,
	"account" text NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "budget_days_programme_id_day_account_pk" PRIMARY KEY("programme_id","day","account")
);
--> statement-breakpoint
CREATE TABLE "funnel_days" (
	"day" text NOT NULL,
	"programme_id" text NOT NULL,
	"benefit_id" text NOT NULL,
	"org_code" text NOT NULL,
	"store_id" text NOT NULL,
	"issued" bigint NOT NULL,
	"claimed" bigint NOT NULL,
	"redeemed" bigint NOT NULL,
	"reversed" bigint NOT NULL,
	"returned" bigint NOT NULL,
	"voided" bigint NOT NULL,
	"expired" bigint NOT NULL,
	"settled" bigint NOT NULL,
	"redeemed_amount" bigint NOT NULL,
	"reversed_amount" bigint NOT NULL,
	"settled_amount" bigint NOT NULL,
	CONSTRAINT "funnel_days_org_code_day_benefit_id_store_id_pk" PRIMARY KEY("org_code","day","benefit_id","store_id")
);
--> statement-breakpoint
CREATE TABLE "funnel_sums" (
	"day" text NOT NULL,
	"programme_id" text NOT NULL,
	"benefit_id" text NOT NULL,
	"org_code" text NOT NULL,
	"issued" bigint NOT NULL,
	"claimed" bigint NOT NULL,
	"redeemed" bigint NOT NULL,
	"reversed" bigint NOT NULL,
	"returned" bigint NOT NULL,
	"voided" bigint NOT NULL,
	"expired" bigint NOT NULL,
	"settled" bigint NOT NULL,
	"redeemed_amount" bigint NOT NULL,
	"reversed_amount" bigint NOT NULL,
	"settled_amount" bigint NOT NULL,
	CONSTRAINT "funnel_sums_org_code_day_benefit_id_pk" PRIMARY KEY("org_code","day","benefit_id")
);
--> statement-breakpoint
CREATE TABLE "refusal_days" (
	"day" text NOT NULL,
	"store_id" text NOT NULL,
	"code" text NOT NULL,
	"count" bigint NOT NULL,
	CONSTRAINT "refusal_days_day_store_id_code_pk" PRIMARY KEY("day","store_id","code")
);
--> statement-breakpoint
CREATE TABLE "roll_ups" (
	"name" text PRIMARY KEY NOT NULL,
	"position" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "funnel_days_store" ON "funnel_days" USING btree ("store_id","day");--> statement-breakpoint
CREATE INDEX "voucher_events_entry" ON "voucher_events" USING btree ("bucket","entry_id");--> statement-breakpoint
CREATE INDEX "vouchers_issued" ON "vouchers" USING btree ("programme_id","issued_at") WHERE batch_id is not null;--> statement-breakpoint
CREATE INDEX "vouchers_closed" ON "vouchers" USING btree ("last_leaf") WHERE state in ('void', 'expired');