CREATE TABLE `delegations` (
	`bucket` integer NOT NULL,
	`id` text NOT NULL,
	`voucher_id` text NOT NULL,
	`member_id` text NOT NULL,
	`sealed` blob,
	`code_hash` blob NOT NULL,
	`evidence` blob NOT NULL,
	`valid_from` integer NOT NULL,
	`valid_to` integer NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	`used_at` integer,
	PRIMARY KEY(`bucket`, `id`),
	CONSTRAINT "delegations_dates" CHECK("delegations"."valid_from" < "delegations"."valid_to")
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `delegations_one` ON `delegations` (`bucket`,`voucher_id`) WHERE revoked_at is null and used_at is null;--> statement-breakpoint
CREATE INDEX `delegations_code` ON `delegations` (`code_hash`);--> statement-breakpoint
CREATE TABLE `redemption_reports` (
	`bucket` integer NOT NULL,
	`id` text NOT NULL,
	`redemption_id` text NOT NULL,
	`voucher_id` text NOT NULL,
	`member_id` text NOT NULL,
	`org_code` text NOT NULL,
	`reason` text NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	`sealed_answer` blob,
	PRIMARY KEY(`bucket`, `id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `redemption_reports_once` ON `redemption_reports` (`bucket`,`redemption_id`);--> statement-breakpoint
CREATE INDEX `redemption_reports_state` ON `redemption_reports` (`state`,`id`);--> statement-breakpoint
ALTER TABLE `preparations` ADD `delegation_id` text;--> statement-breakpoint
ALTER TABLE `preparations` ADD `order_amount` integer;--> statement-breakpoint
ALTER TABLE `redemptions` ADD `collected_by` text;