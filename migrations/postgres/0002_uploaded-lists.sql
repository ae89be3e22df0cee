ALTER TABLE "imports" ADD COLUMN "content_hash" "bytea";--> statement-breakpoint
CREATE INDEX "imports_content" ON "imports" USING btree ("content_hash");