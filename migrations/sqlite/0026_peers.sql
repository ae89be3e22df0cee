CREATE TABLE `peer_asks` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`peer` integer NOT NULL,
	`terminal_id` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` blob NOT NULL,
	`request_digest` blob NOT NULL,
	`merchant_id` text NOT NULL,
	`store_id` text NOT NULL,
	`shift_id` text NOT NULL,
	`cashier_id` text NOT NULL,
	`voucher_id` text NOT NULL,
	`evidence` blob NOT NULL,
	`sealed_request` blob NOT NULL,
	`sealed_answer` blob,
	`home_id` text,
	`redemption_id` text,
	`asked_at` integer NOT NULL,
	`look_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `peer_asks_key` ON `peer_asks` (`terminal_id`,`kind`,`key`);--> statement-breakpoint
CREATE INDEX `peer_asks_open` ON `peer_asks` (`state`,`look_at`);--> statement-breakpoint
CREATE TABLE `peer_bookings` (
	`bucket` integer NOT NULL,
	`ref` blob NOT NULL,
	`peer` integer NOT NULL,
	`kind` text NOT NULL,
	`amount` integer NOT NULL,
	`entry_id` text NOT NULL,
	`redemption_id` text NOT NULL,
	`home_id` text NOT NULL,
	`receipt` blob NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`bucket`, `ref`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `peer_bookings_redemption` ON `peer_bookings` (`bucket`,`redemption_id`,`kind`);--> statement-breakpoint
CREATE INDEX `peer_bookings_peer` ON `peer_bookings` (`peer`);
--> statement-breakpoint
CREATE TRIGGER peer_bookings_no_update BEFORE UPDATE ON peer_bookings
BEGIN SELECT RAISE(ABORT, 'peer_bookings is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER peer_bookings_no_delete BEFORE DELETE ON peer_bookings
BEGIN SELECT RAISE(ABORT, 'peer_bookings is append-only'); END;
