CREATE TABLE `budget_days` (
	`programme_id` text NOT NULL,
	`day` text NOT NULL,
	`account` text NOT NULL,
	`amount` integer NOT NULL,
	PRIMARY KEY(`programme_id`, `day`, `account`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `funnel_days` (
	`day` text NOT NULL,
	`programme_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`org_code` text NOT NULL,
	`store_id` text NOT NULL,
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
	PRIMARY KEY(`org_code`, `day`, `benefit_id`, `store_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `funnel_days_store` ON `funnel_days` (`store_id`,`day`);--> statement-breakpoint
CREATE TABLE `funnel_sums` (
	`day` text NOT NULL,
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
	PRIMARY KEY(`org_code`, `day`, `benefit_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `refusal_days` (
	`day` text NOT NULL,
	`store_id` text NOT NULL,
	`code` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`day`, `store_id`, `code`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `roll_ups` (
	`name` text PRIMARY KEY NOT NULL,
	`position` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `voucher_events_entry` ON `voucher_events` (`bucket`,`entry_id`);--> statement-breakpoint
CREATE INDEX `vouchers_issued` ON `vouchers` (`programme_id`,`issued_at`) WHERE batch_id is not null;--> statement-breakpoint
CREATE INDEX `vouchers_closed` ON `vouchers` (`last_leaf`) WHERE state in ('void', 'expired');