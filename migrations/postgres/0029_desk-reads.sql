CREATE INDEX "applications_state" ON "applications" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "members_standing" ON "members" USING btree ("standing","org_code","id") WHERE standing <> 'active';--> statement-breakpoint
CREATE INDEX "organisations_name" ON "organisations" USING btree ("path","name_zh");