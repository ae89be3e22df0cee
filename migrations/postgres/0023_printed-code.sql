ALTER TABLE "preparations" ADD COLUMN "accepted_at" bigint;--> statement-breakpoint
ALTER TABLE "preparations" ADD COLUMN "declined_at" bigint;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "printed_code" text DEFAULT 'off' NOT NULL;--> statement-breakpoint
CREATE INDEX "preparations_waiting" ON "preparations" USING btree ("terminal_id","until") WHERE step < 0;