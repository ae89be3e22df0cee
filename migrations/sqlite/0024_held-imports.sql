CREATE TABLE `import_pieces` (
	`import_id` text NOT NULL,
	`part` text NOT NULL,
	`seq` integer NOT NULL,
	`sealed` blob NOT NULL,
	PRIMARY KEY(`import_id`, `part`, `seq`)
) STRICT;
--> statement-breakpoint
ALTER TABLE `imports` ADD `mapping` text;--> statement-breakpoint
ALTER TABLE `imports` ADD `policy` text;--> statement-breakpoint
ALTER TABLE `organisations` ADD `merged_into` text;