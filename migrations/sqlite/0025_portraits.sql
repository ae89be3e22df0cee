CREATE TABLE `portraits` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`state` text NOT NULL,
	`sealed` blob,
	`digest` text,
	`given_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	`reason` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `portraits_member` ON `portraits` (`member_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `portraits_waiting` ON `portraits` (`member_id`) WHERE state = 'waiting';--> statement-breakpoint
CREATE UNIQUE INDEX `portraits_accepted` ON `portraits` (`member_id`) WHERE state = 'accepted';--> statement-breakpoint
CREATE INDEX `portraits_queue` ON `portraits` (`id`) WHERE state = 'waiting';