CREATE TABLE `trust_lists` (
	`root` text PRIMARY KEY NOT NULL,
	`sequence` integer NOT NULL,
	`digest` text NOT NULL,
	`token` text NOT NULL,
	`next_update` integer NOT NULL,
	`accepted_at` integer NOT NULL,
	`previous_token` text
) STRICT;
