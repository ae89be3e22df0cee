CREATE TABLE `credential_events` (
	`credential_id` text NOT NULL,
	`version` integer NOT NULL,
	`act` text NOT NULL,
	`actor` text NOT NULL,
	`reason` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`credential_id`, `version`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `credential_offers` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`device_id` text,
	`tx_hash` blob,
	`tries_left` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`revoked_at` integer,
	`waits` integer NOT NULL,
	`approved_at` integer,
	`approved_by` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `credential_offers_member` ON `credential_offers` (`member_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `credentials` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`issuance_id` text NOT NULL,
	`device_id` text,
	`holder` text NOT NULL,
	`status_list` integer NOT NULL,
	`status_index` integer NOT NULL,
	`issued_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`status` integer NOT NULL,
	`held` integer NOT NULL,
	`held_for_member` integer NOT NULL,
	`version` integer NOT NULL,
	FOREIGN KEY (`issuance_id`) REFERENCES `issuances`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`status_list`) REFERENCES `status_lists`(`number`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `credentials_status` ON `credentials` (`status_list`,`status_index`);--> statement-breakpoint
CREATE INDEX `credentials_member` ON `credentials` (`member_id`,`issued_at`);--> statement-breakpoint
CREATE TABLE `deferred_issuances` (
	`id` text PRIMARY KEY NOT NULL,
	`grant_id` text NOT NULL,
	`keys` text NOT NULL,
	`created_at` integer NOT NULL,
	`collected_at` integer,
	FOREIGN KEY (`grant_id`) REFERENCES `wallet_grants`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `issuances` (
	`id` text PRIMARY KEY NOT NULL,
	`grant_id` text NOT NULL,
	`at` integer NOT NULL,
	`notified` text,
	`notified_at` integer,
	FOREIGN KEY (`grant_id`) REFERENCES `wallet_grants`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `member_events` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`kind` text NOT NULL,
	`device_id` text,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `member_events_member` ON `member_events` (`member_id`,`id`);--> statement-breakpoint
CREATE TABLE `status_lists` (
	`number` integer PRIMARY KEY NOT NULL,
	`quarter` text NOT NULL,
	`taken` integer NOT NULL,
	`opened_at` integer NOT NULL,
	`changes` integer NOT NULL,
	`changed_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `status_lists_quarter` ON `status_lists` (`quarter`,`number`);--> statement-breakpoint
CREATE TABLE `wallet_grants` (
	`id` text PRIMARY KEY NOT NULL,
	`offer_id` text NOT NULL,
	`member_id` text NOT NULL,
	`device_id` text,
	`thumbprint` text NOT NULL,
	`access_hash` blob NOT NULL,
	`access_until` integer NOT NULL,
	`refresh_hash` blob NOT NULL,
	`refresh_until` integer NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `wallet_grants_member` ON `wallet_grants` (`member_id`,`created_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `wallet_grants_offer` ON `wallet_grants` (`offer_id`);--> statement-breakpoint
CREATE TRIGGER credential_events_no_update BEFORE UPDATE ON credential_events
BEGIN SELECT RAISE(ABORT, 'credential_events is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER credential_events_no_delete BEFORE DELETE ON credential_events
BEGIN SELECT RAISE(ABORT, 'credential_events is append-only'); END;
