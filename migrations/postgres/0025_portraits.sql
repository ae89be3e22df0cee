CREATE TABLE "portraits" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"state" text NOT NULL,
	"sealed" "bytea",
	"digest" text,
	"given_at" bigint NOT NULL,
	"decided_at" bigint,
	"decided_by" text,
	"reason" text
);
--> statement-breakpoint
CREATE INDEX "portraits_member" ON "portraits" USING btree ("member_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "portraits_waiting" ON "portraits" USING btree ("member_id") WHERE state = 'waiting';--> statement-breakpoint
CREATE UNIQUE INDEX "portraits_accepted" ON "portraits" USING btree ("member_id") WHERE state = 'accepted';--> statement-breakpoint
CREATE INDEX "portraits_queue" ON "portraits" USING btree ("id") WHERE state = 'waiting';