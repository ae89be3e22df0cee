CREATE TABLE `draw_entries` (
	`bucket` integer NOT NULL,
	`draw_id` text NOT NULL,
	`person_id` text NOT NULL,
	`member_id` text NOT NULL,
	`pseudonym` text NOT NULL,
	`at` integer NOT NULL,
	`entry_id` text NOT NULL,
	`leaf_hash` blob NOT NULL,
	`voucher_id` text,
	PRIMARY KEY(`bucket`, `draw_id`, `person_id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `draw_entries_pseudonym` ON `draw_entries` (`bucket`,`draw_id`,`pseudonym`);--> statement-breakpoint
CREATE INDEX `draw_entries_draw` ON `draw_entries` (`draw_id`,`pseudonym`);--> statement-breakpoint
CREATE TABLE `draw_gates` (
	`draw_id` text NOT NULL,
	`gate` integer NOT NULL,
	`opens_at` integer NOT NULL,
	`closes_at` integer NOT NULL,
	`shut` integer NOT NULL,
	`entrants` integer NOT NULL,
	PRIMARY KEY(`draw_id`, `gate`),
	CONSTRAINT "draw_gates_entrants" CHECK("draw_gates"."entrants" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `draws` (
	`id` text PRIMARY KEY NOT NULL,
	`benefit_id` text NOT NULL,
	`benefit_version` integer NOT NULL,
	`mode` text NOT NULL,
	`state` text NOT NULL,
	`opens_at` integer NOT NULL,
	`closes_at` integer NOT NULL,
	`units` integer NOT NULL,
	`sealed_seed` blob,
	`seed_hash` blob,
	`witness` text,
	`open_entry_id` text,
	`open_leaf` blob,
	`entrants` integer,
	`close_entry_id` text,
	`close_leaf` blob,
	`run_entry_id` text,
	`signature` blob,
	`seed` blob,
	`drawn_at` integer,
	`cursor` integer NOT NULL,
	`target` integer NOT NULL,
	`round` integer NOT NULL,
	`again_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT "draws_times" CHECK("draws"."opens_at" < "draws"."closes_at"),
	CONSTRAINT "draws_ranks" CHECK("draws"."cursor" between 0 and "draws"."target")
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `draws_benefit` ON `draws` (`benefit_id`);--> statement-breakpoint
CREATE INDEX `draws_waiting` ON `draws` (`id`) WHERE state not in ('done', 'cancelled');