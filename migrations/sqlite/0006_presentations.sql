CREATE TABLE `verification_hooks` (
	`verification_id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`attempts` integer NOT NULL,
	`next_at` integer,
	`delivered_at` integer,
	FOREIGN KEY (`verification_id`) REFERENCES `verifications`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `verification_hooks_due` ON `verification_hooks` (`next_at`);--> statement-breakpoint
CREATE TABLE `verifications` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`asked_by` text NOT NULL,
	`state` text NOT NULL,
	`client_id` text NOT NULL,
	`nonce` text NOT NULL,
	`wallet_state` text NOT NULL,
	`query` text NOT NULL,
	`transaction_data` text NOT NULL,
	`encryption_key` text NOT NULL,
	`sealed_key` blob NOT NULL,
	`redirect_uri` text,
	`response_code_hash` blob,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`answered_at` integer,
	`refused` text,
	`refusals` integer NOT NULL,
	`sealed_result` blob,
	`evidence` blob,
	`spent_at` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `verifications_request` ON `verifications` (`request_id`);--> statement-breakpoint
CREATE INDEX `verifications_expiry` ON `verifications` (`expires_at`);