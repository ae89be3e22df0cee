CREATE TABLE `erasures` (
	`member_id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `ledger_closes` (
	`day` text PRIMARY KEY NOT NULL,
	`entry_id` text NOT NULL,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `reconciliations` (
	`day` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`good` integer NOT NULL,
	`report` text NOT NULL
) STRICT;

--> statement-breakpoint
CREATE TRIGGER erasures_no_update BEFORE UPDATE ON erasures
BEGIN SELECT RAISE(ABORT, 'erasures is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER erasures_no_delete BEFORE DELETE ON erasures
BEGIN SELECT RAISE(ABORT, 'erasures is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER ledger_closes_no_update BEFORE UPDATE ON ledger_closes
BEGIN SELECT RAISE(ABORT, 'ledger_closes is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER ledger_closes_no_delete BEFORE DELETE ON ledger_closes
BEGIN SELECT RAISE(ABORT, 'ledger_closes is append-only'); END;
