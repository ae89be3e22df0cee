CREATE TABLE `cosignatures` (
	`log` text NOT NULL,
	`size` integer NOT NULL,
	`witness` text NOT NULL,
	`time_seconds` integer NOT NULL,
	`checkpoint` text NOT NULL,
	`line` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`log`, `size`, `witness`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `cosignatures_witness` ON `cosignatures` (`log`,`witness`,`size`);--> statement-breakpoint
CREATE TABLE `witnessed_checkpoints` (
	`log` text NOT NULL,
	`size` integer NOT NULL,
	`checkpoint` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`log`, `size`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `witnessed_keys` (
	`vkey` text PRIMARY KEY NOT NULL,
	`origin` text NOT NULL,
	`added_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `witnessed_logs` (
	`origin` text PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`root` blob NOT NULL,
	`checkpoint` text,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TRIGGER cosignatures_no_update BEFORE UPDATE ON cosignatures
BEGIN SELECT RAISE(ABORT, 'cosignatures is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER cosignatures_no_delete BEFORE DELETE ON cosignatures
BEGIN SELECT RAISE(ABORT, 'cosignatures is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER witnessed_checkpoints_no_update BEFORE UPDATE ON witnessed_checkpoints
BEGIN SELECT RAISE(ABORT, 'witnessed_checkpoints is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER witnessed_checkpoints_no_delete BEFORE DELETE ON witnessed_checkpoints
BEGIN SELECT RAISE(ABORT, 'witnessed_checkpoints is append-only'); END;
