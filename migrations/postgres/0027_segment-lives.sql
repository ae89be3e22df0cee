ALTER TABLE "segments" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "segments" ADD COLUMN "retired_at" bigint;