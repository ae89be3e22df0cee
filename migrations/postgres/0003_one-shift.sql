CREATE TABLE "confirmations" (
	"principal_id" text NOT NULL,
	"confirmed_by" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "confirmations_principal_id_confirmed_by_pk" PRIMARY KEY("principal_id","confirmed_by")
);
--> statement-breakpoint
CREATE TABLE "manager_reversals" (
	"store_id" text NOT NULL,
	"day" text NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "manager_reversals_store_id_day_pk" PRIMARY KEY("store_id","day")
);
--> statement-breakpoint
ALTER TABLE "cashiers" ADD COLUMN "role" text DEFAULT 'cashier' NOT NULL;--> statement-breakpoint
ALTER TABLE "principals" ADD COLUMN "registered_by" text;--> statement-breakpoint
ALTER TABLE "confirmations" ADD CONSTRAINT "confirmations_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "confirmations" ADD CONSTRAINT "confirmations_confirmed_by_principals_id_fk" FOREIGN KEY ("confirmed_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
UPDATE "shifts" SET closed_at = opened_at WHERE closed_at IS NULL AND EXISTS (
  SELECT 1 FROM "shifts" later WHERE later.terminal_id = "shifts".terminal_id
    AND later.closed_at IS NULL AND later.id > "shifts".id);--> statement-breakpoint
CREATE UNIQUE INDEX "shifts_open" ON "shifts" USING btree ("terminal_id") WHERE closed_at is null;