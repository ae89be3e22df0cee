ALTER TABLE `preparations` ADD `accepted_at` integer;--> statement-breakpoint
ALTER TABLE `preparations` ADD `declined_at` integer;--> statement-breakpoint
CREATE INDEX `preparations_waiting` ON `preparations` (`terminal_id`,`until`) WHERE step < 0;--> statement-breakpoint
ALTER TABLE `stores` ADD `printed_code` text DEFAULT 'off' NOT NULL;