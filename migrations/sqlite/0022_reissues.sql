CREATE TABLE `reissues` (
	`bucket` integer NOT NULL,
	`voucher_id` text NOT NULL,
	`successor_id` text NOT NULL,
	PRIMARY KEY(`bucket`, `voucher_id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `reissues_successor` ON `reissues` (`bucket`,`successor_id`);
--> statement-breakpoint
CREATE TRIGGER reissues_no_update BEFORE UPDATE ON reissues
BEGIN SELECT RAISE(ABORT, 'reissues is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER reissues_no_delete BEFORE DELETE ON reissues
BEGIN SELECT RAISE(ABORT, 'reissues is append-only'); END;
