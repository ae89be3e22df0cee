CREATE TABLE `confirmations` (
	`principal_id` text NOT NULL,
	`confirmed_by` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`principal_id`, `confirmed_by`),
	FOREIGN KEY (`principal_id`) REFERENCES `principals`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`confirmed_by`) REFERENCES `principals`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `manager_reversals` (
	`store_id` text NOT NULL,
	`day` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`store_id`, `day`)
) STRICT;
--> statement-breakpoint
ALTER TABLE `cashiers` ADD `role` text DEFAULT 'cashier' NOT NULL;--> statement-breakpoint
ALTER TABLE `principals` ADD `registered_by` text;--> statement-breakpoint
UPDATE `shifts` SET closed_at = opened_at WHERE closed_at IS NULL AND EXISTS (
  SELECT 1 FROM `shifts` later WHERE later.terminal_id = `shifts`.terminal_id
    AND later.closed_at IS NULL AND later.id > `shifts`.id);--> statement-breakpoint
CREATE UNIQUE INDEX `shifts_open` ON `shifts` (`terminal_id`) WHERE closed_at is null;