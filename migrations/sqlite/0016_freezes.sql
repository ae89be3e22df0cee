CREATE TABLE `freezes` (
	`id` text PRIMARY KEY NOT NULL,
	`org_code` text NOT NULL,
	`reason` text NOT NULL,
	`begun_by` text NOT NULL,
	`begun_by_person` text NOT NULL,
	`begun_at` integer NOT NULL,
	`ended_by` text,
	`ended_at` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `freezes_standing` ON `freezes` (`org_code`) WHERE ended_at is null;