ALTER TABLE `imports` ADD `content_hash` blob;--> statement-breakpoint
CREATE INDEX `imports_content` ON `imports` (`content_hash`);