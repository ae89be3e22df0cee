CREATE TABLE "trust_lists" (
	"root" text PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"digest" text NOT NULL,
	"token" text NOT NULL,
	"next_update" bigint NOT NULL,
	"accepted_at" bigint NOT NULL,
	"previous_token" text
);
