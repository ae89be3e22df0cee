CREATE TABLE `batch_left_out` (
	`batch_id` text NOT NULL,
	`member_id` text NOT NULL,
	`reason` text NOT NULL,
	PRIMARY KEY(`batch_id`, `member_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `recall_vouchers` (
	`recall_id` text NOT NULL,
	`bucket` integer NOT NULL,
	`voucher_id` text NOT NULL,
	PRIMARY KEY(`recall_id`, `bucket`, `voucher_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `recalls` (
	`id` text PRIMARY KEY NOT NULL,
	`batch_id` text NOT NULL,
	`selection` text NOT NULL,
	`reason` text NOT NULL,
	`state` text NOT NULL,
	`proposal_id` text,
	`count` integer NOT NULL,
	`amount` integer NOT NULL,
	`cannot` text NOT NULL,
	`vouchers_hash` blob NOT NULL,
	`cursor` text NOT NULL,
	`recalled` integer NOT NULL,
	`returned` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`finished_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `recalls_batch` ON `recalls` (`batch_id`,`id`);--> statement-breakpoint
CREATE INDEX `recalls_state` ON `recalls` (`state`);--> statement-breakpoint
ALTER TABLE `batches` ADD `retries` integer DEFAULT 0 NOT NULL;