CREATE TABLE `quota_units` (
	`bucket` integer NOT NULL,
	`voucher_id` text NOT NULL,
	`scope` text NOT NULL,
	`benefit_id` text NOT NULL,
	PRIMARY KEY(`bucket`, `voucher_id`, `scope`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `quota_units_level` ON `quota_units` (`benefit_id`,`scope`);