CREATE TABLE "funnel_totals" (
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
	CONSTRAINT "funnel_totals_org_code_benefit_id_pk" PRIMARY KEY("org_code","benefit_id")
);
--> statement-breakpoint
INSERT INTO funnel_totals (programme_id, benefit_id, org_code, issued, claimed, redeemed, reversed, returned, voided, expired, settled, redeemed_amount, reversed_amount, settled_amount)
SELECT programme_id, benefit_id, org_code, sum(issued), sum(claimed), sum(redeemed), sum(reversed), sum(returned), sum(voided), sum(expired), sum(settled), sum(redeemed_amount), sum(reversed_amount), sum(settled_amount)
FROM funnel_sums GROUP BY programme_id, benefit_id, org_code;
