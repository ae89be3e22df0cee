CREATE TABLE `proposal_decisions` (
	`proposal_id` text NOT NULL,
	`person_id` text NOT NULL,
	`principal_id` text NOT NULL,
	`decision` text NOT NULL,
	`statement` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`proposal_id`, `person_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `proposals` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`programme_id` text NOT NULL,
	`org_code` text NOT NULL,
	`content` text NOT NULL,
	`digest` blob NOT NULL,
	`amount` integer NOT NULL,
	`reason` text NOT NULL,
	`state` text NOT NULL,
	`approvals_needed` integer NOT NULL,
	`proposed_by` text NOT NULL,
	`proposed_by_person` text NOT NULL,
	`proposed_at` integer NOT NULL,
	`ended_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `proposals_state` ON `proposals` (`state`,`id`);--> statement-breakpoint
CREATE INDEX `proposals_subject` ON `proposals` (`subject`,`id`);
--> statement-breakpoint
CREATE TRIGGER proposal_decisions_no_update BEFORE UPDATE ON proposal_decisions
BEGIN SELECT RAISE(ABORT, 'proposal_decisions is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER proposal_decisions_no_delete BEFORE DELETE ON proposal_decisions
BEGIN SELECT RAISE(ABORT, 'proposal_decisions is append-only'); END;
