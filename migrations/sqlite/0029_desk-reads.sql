CREATE INDEX `applications_state` ON `applications` (`state`,`id`);--> statement-breakpoint
CREATE INDEX `members_standing` ON `members` (`standing`,`org_code`,`id`) WHERE standing <> 'active';--> statement-breakpoint
CREATE INDEX `organisations_name` ON `organisations` (`path`,`name_zh`);