CREATE TABLE `decision_receipts` (
	`bucket` integer NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`benefit_version` integer NOT NULL,
	`criteria_hash` blob NOT NULL,
	`evaluator` integer NOT NULL,
	`today` text NOT NULL,
	`outcome` text NOT NULL,
	`refused` text,
	`fact_hashes` text NOT NULL,
	`sealed_facts` blob,
	`at` integer NOT NULL,
	PRIMARY KEY(`bucket`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `decision_receipts_id` ON `decision_receipts` (`id`);--> statement-breakpoint
CREATE TABLE `unmask_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`reason` text NOT NULL,
	`requested_by` text NOT NULL,
	`requested_by_person` text NOT NULL,
	`requested_at` integer NOT NULL,
	`decision` text,
	`decided_by` text,
	`decided_by_person` text,
	`decided_at` integer,
	`evidence` text
) STRICT;
--> statement-breakpoint
ALTER TABLE `looks` ADD `step` text;
--> statement-breakpoint
CREATE TRIGGER decision_receipts_no_update BEFORE UPDATE ON decision_receipts
BEGIN SELECT RAISE(ABORT, 'decision_receipts is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER decision_receipts_no_delete BEFORE DELETE ON decision_receipts
BEGIN SELECT RAISE(ABORT, 'decision_receipts is append-only'); END;
