CREATE TABLE `invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`principal_id` text NOT NULL,
	`token_hash` blob NOT NULL,
	`invited_by` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_token` ON `invitations` (`token_hash`);--> statement-breakpoint
CREATE INDEX `invitations_principal` ON `invitations` (`principal_id`,`expires_at`);--> statement-breakpoint
CREATE TABLE `looks` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`principal_id` text NOT NULL,
	`role` text NOT NULL,
	`org_code` text NOT NULL,
	`reason` text,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `looks_member` ON `looks` (`member_id`,`id`);--> statement-breakpoint
CREATE TABLE `passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`principal_id` text,
	`member_id` text,
	`public_key` blob NOT NULL,
	`counter` integer NOT NULL,
	`transports` text NOT NULL,
	`backed_up` integer NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`removed_at` integer,
	`enrolled_on` text,
	`enrolled` integer NOT NULL,
	CONSTRAINT "passkeys_one_owner" CHECK((principal_id is null) <> (member_id is null))
) STRICT;
--> statement-breakpoint
CREATE INDEX `passkeys_principal` ON `passkeys` (`principal_id`);--> statement-breakpoint
CREATE INDEX `passkeys_member` ON `passkeys` (`member_id`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`token_hash` blob NOT NULL,
	`principal_id` text NOT NULL,
	`passkey_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`ended_at` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_token` ON `sessions` (`token_hash`);--> statement-breakpoint
CREATE INDEX `sessions_principal` ON `sessions` (`principal_id`);--> statement-breakpoint
CREATE INDEX `sessions_age` ON `sessions` (`created_at`);--> statement-breakpoint
CREATE TRIGGER looks_no_update BEFORE UPDATE ON looks
BEGIN SELECT RAISE(ABORT, 'looks is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER looks_no_delete BEFORE DELETE ON looks
BEGIN SELECT RAISE(ABORT, 'looks is append-only'); END;
