CREATE TABLE `funnel_totals` (
	`programme_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`org_code` text NOT NULL,
	`issued` integer NOT NULL,
	`claimed` integer NOT NULL,
	`redeemed` integer NOT NULL,
	`reversed` integer NOT NULL,
	`returned` integer NOT NULL,
	`voided` integer NOT NULL,
	`expired` integer NOT NULL,
	`settled` integer NOT NULL,
	`redeemed_amount` integer NOT NULL,
	`reversed_amount` integer NOT NULL,
	`settled_amount` integer NOT NULL,
	PRIMARY KEY(`org_code`, `benefit_id`)
) STRICT;
--> statement-breakpoint
INSERT INTO funnel_totals (programme_id, benefit_id, org_code, issued, claimed, redeemed, reversed, returned, voided, expired, settled, redeemed_amount, reversed_amount, settled_amount)
SELECT programme_id, benefit_id, org_code, sum(issued), sum(claimed), sum(redeemed), sum(reversed), sum(returned), sum(voided), sum(expired), sum(settled), sum(redeemed_amount), sum(reversed_amount), sum(settled_amount)
FROM funnel_sums GROUP BY programme_id, benefit_id, org_code;
