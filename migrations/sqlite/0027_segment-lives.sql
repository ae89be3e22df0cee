ALTER TABLE `segments` ADD `created_by` text;--> statement-breakpoint
ALTER TABLE `segments` ADD `retired_at` integer;