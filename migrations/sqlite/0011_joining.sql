CREATE TABLE `application_tries` (
	`scope` text NOT NULL,
	`window` integer NOT NULL,
	`tries` integer NOT NULL,
	PRIMARY KEY(`scope`, `window`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `applications` (
	`id` text PRIMARY KEY NOT NULL,
	`org_code` text NOT NULL,
	`join_code_id` text,
	`file_id` text,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`id_hash` blob NOT NULL,
	`sealed` blob NOT NULL,
	`thumbprint` text,
	`spki` blob,
	`created_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	`sealed_reason` blob,
	`member_id` text,
	`device_id` text
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `applications_key` ON `applications` (`thumbprint`) WHERE state <> 'rejected';--> statement-breakpoint
CREATE INDEX `applications_organisation` ON `applications` (`org_code`,`id`);--> statement-breakpoint
CREATE INDEX `applications_identity` ON `applications` (`id_hash`);--> statement-breakpoint
CREATE INDEX `applications_file` ON `applications` (`file_id`,`id`);--> statement-breakpoint
CREATE TABLE `join_codes` (
	`id` text PRIMARY KEY NOT NULL,
	`code_hash` blob NOT NULL,
	`org_code` text NOT NULL,
	`note` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`ends_at` integer,
	`revoked_at` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `join_codes_hash` ON `join_codes` (`code_hash`);--> statement-breakpoint
CREATE INDEX `join_codes_organisation` ON `join_codes` (`org_code`,`id`);--> statement-breakpoint
CREATE TABLE `joinings` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`decided_by_person` text NOT NULL,
	`at` integer NOT NULL,
	`welcomed_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `joinings_open` ON `joinings` (`id`) WHERE welcomed_at is null;--> statement-breakpoint
CREATE TABLE `phone_moves` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`old_device_id` text NOT NULL,
	`secret_hash` blob NOT NULL,
	`expires_at` integer NOT NULL,
	`thumbprint` text,
	`spki` blob,
	`name` text,
	`confirmed_at` integer,
	`new_device_id` text
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `phone_moves_secret` ON `phone_moves` (`secret_hash`);--> statement-breakpoint
CREATE INDEX `phone_moves_key` ON `phone_moves` (`thumbprint`,`id`);--> statement-breakpoint
CREATE TABLE `welcomes` (
	`joining_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`refused` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`joining_id`, `benefit_id`)
) STRICT;
