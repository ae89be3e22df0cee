CREATE TABLE "freezes" (
	"id" text PRIMARY KEY NOT NULL,
	"org_code" text NOT NULL,
	"reason" text NOT NULL,
	"begun_by" text NOT NULL,
	"begun_by_person" text NOT NULL,
	"begun_at" bigint NOT NULL,
	"ended_by" text,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE UNIQUE INDEX "freezes_standing" ON "freezes" USING btree ("org_code") WHERE ended_at is null;