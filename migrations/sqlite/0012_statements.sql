CREATE TABLE `statement_adjustments` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`programme_id` text NOT NULL,
	`about` text NOT NULL,
	`amount` integer NOT NULL,
	`reason` text NOT NULL,
	`person_id` text NOT NULL,
	`at` integer NOT NULL,
	`bucket` integer NOT NULL,
	`entry_id` text NOT NULL,
	`statement_id` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `statement_adjustments_open` ON `statement_adjustments` (`merchant_id`) WHERE statement_id is null;--> statement-breakpoint
CREATE TABLE `statement_approvals` (
	`statement_id` text NOT NULL,
	`person_id` text NOT NULL,
	`principal_id` text NOT NULL,
	`digest` blob NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`statement_id`, `person_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `statement_lines` (
	`statement_id` text NOT NULL,
	`line` integer NOT NULL,
	`kind` text NOT NULL,
	`at` integer NOT NULL,
	`programme_id` text NOT NULL,
	`benefit_id` text,
	`store_id` text,
	`subject_id` text NOT NULL,
	`amount` integer NOT NULL,
	`bucket` integer NOT NULL,
	`entry_id` text NOT NULL,
	`leaf_hash` blob NOT NULL,
	PRIMARY KEY(`statement_id`, `line`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `statement_lines_entry` ON `statement_lines` (`bucket`,`entry_id`);--> statement-breakpoint
CREATE TABLE `statements` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`bucket` integer NOT NULL,
	`month` text NOT NULL,
	`state` text NOT NULL,
	`closed_by` text,
	`closed_at` integer NOT NULL,
	`lines` integer NOT NULL,
	`redeemed` integer NOT NULL,
	`reversed` integer NOT NULL,
	`adjusted` integer NOT NULL,
	`total` integer NOT NULL,
	`digest` blob,
	`confirmed_at` integer,
	`confirmed_by` text,
	`disputed_at` integer,
	`disputed_by` text,
	`dispute_reason` text,
	`dispute_text` text,
	`answered_at` integer,
	`answered_by` text,
	`answer` text,
	`approvals` integer NOT NULL,
	`approved_at` integer,
	`paid_at` integer,
	`paid_by` text,
	`bank_reference` text
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `statements_month` ON `statements` (`merchant_id`,`month`);--> statement-breakpoint
CREATE INDEX `statements_state` ON `statements` (`state`,`closed_at`);--> statement-breakpoint
ALTER TABLE `redemptions` ADD `reversal_entry_id` text;--> statement-breakpoint
ALTER TABLE `redemptions` ADD `statement_id` text;--> statement-breakpoint
CREATE INDEX `redemptions_unstated` ON `redemptions` (`merchant_id`,`redeemed_at`) WHERE statement_id is null;
--> statement-breakpoint
CREATE TRIGGER statement_lines_no_update BEFORE UPDATE ON statement_lines
BEGIN SELECT RAISE(ABORT, 'statement_lines is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER statement_lines_no_delete BEFORE DELETE ON statement_lines
BEGIN SELECT RAISE(ABORT, 'statement_lines is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER statement_approvals_no_update BEFORE UPDATE ON statement_approvals
BEGIN SELECT RAISE(ABORT, 'statement_approvals is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER statement_approvals_no_delete BEFORE DELETE ON statement_approvals
BEGIN SELECT RAISE(ABORT, 'statement_approvals is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER statements_no_change BEFORE UPDATE ON statements
WHEN OLD.digest IS NOT NULL AND (NEW.digest IS NOT OLD.digest OR NEW.total <> OLD.total
  OR NEW.lines <> OLD.lines OR NEW.redeemed <> OLD.redeemed OR NEW.reversed <> OLD.reversed
  OR NEW.adjusted <> OLD.adjusted OR NEW.month <> OLD.month OR NEW.merchant_id <> OLD.merchant_id)
BEGIN SELECT RAISE(ABORT, 'statements is append-only once closed'); END;
--> statement-breakpoint
CREATE TRIGGER statements_no_delete BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'statements is append-only once closed'); END;
--> statement-breakpoint
CREATE TRIGGER statement_adjustments_no_change BEFORE UPDATE ON statement_adjustments
WHEN OLD.statement_id IS NOT NULL OR NEW.amount <> OLD.amount
  OR NEW.merchant_id <> OLD.merchant_id OR NEW.entry_id <> OLD.entry_id
BEGIN SELECT RAISE(ABORT, 'statement_adjustments is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER statement_adjustments_no_delete BEFORE DELETE ON statement_adjustments
BEGIN SELECT RAISE(ABORT, 'statement_adjustments is append-only'); END;
