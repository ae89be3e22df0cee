CREATE TABLE `acceptances` (
	`benefit_id` text NOT NULL,
	`target` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`benefit_id`, `target`, `value`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `activations` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`code_hash` blob NOT NULL,
	`tries_left` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`member_id`) REFERENCES `members`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `activations_member` ON `activations` (`member_id`,`expires_at`);--> statement-breakpoint
CREATE TABLE `approvals` (
	`dry_run_id` text NOT NULL,
	`person_id` text NOT NULL,
	`principal_id` text NOT NULL,
	`decision` text NOT NULL,
	`statement` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`dry_run_id`, `person_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `batch_chunks` (
	`batch_id` text NOT NULL,
	`n` integer NOT NULL,
	`kind` text NOT NULL,
	`entry_id` text,
	`count` integer NOT NULL,
	`amount` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`batch_id`, `kind`, `n`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `batch_editors` (
	`batch_id` text NOT NULL,
	`person_id` text NOT NULL,
	PRIMARY KEY(`batch_id`, `person_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `batches` (
	`id` text PRIMARY KEY NOT NULL,
	`benefit_id` text NOT NULL,
	`benefit_version` integer NOT NULL,
	`programme_id` text NOT NULL,
	`org_code` text NOT NULL,
	`source` text NOT NULL,
	`criteria` text NOT NULL,
	`list_id` text,
	`delivery` text NOT NULL,
	`note` text NOT NULL,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`created_by` text NOT NULL,
	`dry_run_id` text,
	`approvals_needed` integer NOT NULL,
	`cursor` text NOT NULL,
	`chunks` integer NOT NULL,
	`issued` integer NOT NULL,
	`dropped` integer NOT NULL,
	`recalled` integer NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `batches_state` ON `batches` (`state`,`id`);--> statement-breakpoint
CREATE TABLE `benefit_versions` (
	`benefit_id` text NOT NULL,
	`version` integer NOT NULL,
	`definition` text NOT NULL,
	`digest` blob NOT NULL,
	`edited_by` text NOT NULL,
	`published_at` integer,
	PRIMARY KEY(`benefit_id`, `version`),
	FOREIGN KEY (`benefit_id`) REFERENCES `benefits`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `benefits` (
	`id` text PRIMARY KEY NOT NULL,
	`programme_id` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`programme_id`) REFERENCES `programmes`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `benefits_programme` ON `benefits` (`programme_id`);--> statement-breakpoint
CREATE TABLE `cashiers` (
	`id` text PRIMARY KEY NOT NULL,
	`store_id` text NOT NULL,
	`name` text NOT NULL,
	`pin_hash` blob NOT NULL,
	`tries_left` integer NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`store_id`) REFERENCES `stores`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `cashiers_store` ON `cashiers` (`store_id`);--> statement-breakpoint
CREATE TABLE `claims` (
	`bucket` integer NOT NULL,
	`person_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`period` text NOT NULL,
	`seq` integer NOT NULL,
	`voucher_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`bucket`, `person_id`, `benefit_id`, `period`, `seq`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `code_tries` (
	`terminal_id` text NOT NULL,
	`window` integer NOT NULL,
	`tries` integer NOT NULL,
	PRIMARY KEY(`terminal_id`, `window`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `data_keys` (
	`purpose` text PRIMARY KEY NOT NULL,
	`wrapped` blob NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`member_id` text NOT NULL,
	`bucket` integer NOT NULL,
	`tag` integer NOT NULL,
	`thumbprint` text NOT NULL,
	`spki` blob NOT NULL,
	`name` text NOT NULL,
	`enrolled_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`member_id`) REFERENCES `members`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `devices_tag` ON `devices` (`member_id`,`tag`) WHERE revoked_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX `devices_thumbprint` ON `devices` (`thumbprint`);--> statement-breakpoint
CREATE TABLE `disclosures` (
	`bucket` integer NOT NULL,
	`entry_id` text NOT NULL,
	`sealed_member` blob,
	`sealed_node` blob NOT NULL,
	PRIMARY KEY(`bucket`, `entry_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `dry_run_members` (
	`dry_run_id` text NOT NULL,
	`member_id` text NOT NULL,
	PRIMARY KEY(`dry_run_id`, `member_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `dry_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`batch_id` text NOT NULL,
	`digest` blob NOT NULL,
	`report` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `grants` (
	`principal_id` text NOT NULL,
	`role` text NOT NULL,
	`org_code` text NOT NULL,
	PRIMARY KEY(`principal_id`, `role`, `org_code`),
	FOREIGN KEY (`principal_id`) REFERENCES `principals`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`principal` text NOT NULL,
	`route` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` blob NOT NULL,
	`status` integer NOT NULL,
	`answer` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`principal`, `route`, `key`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `idempotency_age` ON `idempotency` (`created_at`);--> statement-breakpoint
CREATE TABLE `import_faults` (
	`import_id` text NOT NULL,
	`row` integer NOT NULL,
	`column` text NOT NULL,
	`value` text NOT NULL,
	`code` text NOT NULL,
	PRIMARY KEY(`import_id`, `row`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`list_id` text,
	`org_code` text NOT NULL,
	`created_by` text NOT NULL,
	`bytes` integer NOT NULL,
	`read` integer NOT NULL,
	`added` integer NOT NULL,
	`changed` integer NOT NULL,
	`unchanged` integer NOT NULL,
	`refused` integer NOT NULL,
	`failure` text,
	`started_at` integer NOT NULL,
	`finished_at` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `issued_lists` (
	`bucket` integer NOT NULL,
	`entry_id` text NOT NULL,
	`handles` blob NOT NULL,
	PRIMARY KEY(`bucket`, `entry_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `journal_entries` (
	`bucket` integer NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`at` integer NOT NULL,
	`leaf` blob NOT NULL,
	`leaf_hash` blob NOT NULL,
	PRIMARY KEY(`bucket`, `id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `list_members` (
	`list_id` text NOT NULL,
	`member_id` text NOT NULL,
	PRIMARY KEY(`list_id`, `member_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `lists` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`org_code` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `log_leaves` (
	`log` text NOT NULL,
	`index` integer NOT NULL,
	`bucket` integer NOT NULL,
	`entry_id` text NOT NULL,
	`leaf_hash` blob NOT NULL,
	PRIMARY KEY(`log`, `index`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `log_leaves_entry` ON `log_leaves` (`log`,`entry_id`);--> statement-breakpoint
CREATE INDEX `log_leaves_hash` ON `log_leaves` (`log`,`leaf_hash`);--> statement-breakpoint
CREATE TABLE `log_state` (
	`log` text PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`frontier` blob NOT NULL,
	`checkpoint` text NOT NULL,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `member_keys` (
	`member_id` text PRIMARY KEY NOT NULL,
	`wrapped` blob NOT NULL,
	FOREIGN KEY (`member_id`) REFERENCES `members`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `members` (
	`id` text PRIMARY KEY NOT NULL,
	`bucket` integer NOT NULL,
	`person_id` text NOT NULL,
	`member_no` text NOT NULL,
	`name` text NOT NULL,
	`org_code` text NOT NULL,
	`standing` text NOT NULL,
	`occupation` text,
	`joined_on` text,
	`birth_date` text,
	`gender` text,
	`hardship` integer,
	`model_worker` integer,
	`mobile_hash` blob,
	`sealed_mobile` blob,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`person_id`) REFERENCES `persons`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org_code`) REFERENCES `organisations`(`code`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `members_no` ON `members` (`member_no`);--> statement-breakpoint
CREATE UNIQUE INDEX `members_one_per_person` ON `members` (`person_id`) WHERE standing <> 'left';--> statement-breakpoint
CREATE INDEX `members_left` ON `members` (`person_id`) WHERE standing = 'left';--> statement-breakpoint
CREATE INDEX `members_organisation` ON `members` (`org_code`,`id`);--> statement-breakpoint
CREATE INDEX `members_mobile` ON `members` (`mobile_hash`);--> statement-breakpoint
CREATE TABLE `memberships` (
	`member_id` text NOT NULL,
	`seq` integer NOT NULL,
	`org_code` text NOT NULL,
	`from` text,
	`until` text,
	PRIMARY KEY(`member_id`, `seq`),
	FOREIGN KEY (`member_id`) REFERENCES `members`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `merchants` (
	`id` text PRIMARY KEY NOT NULL,
	`bucket` integer NOT NULL,
	`name` text NOT NULL,
	`org_code` text NOT NULL,
	`state` text NOT NULL,
	`contract_from` integer NOT NULL,
	`contract_to` integer NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `node` (
	`id` integer PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`code` text NOT NULL,
	`name_zh` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "node_single" CHECK("node"."id" = 1)
) STRICT;
--> statement-breakpoint
CREATE TABLE `nonces` (
	`scope` text NOT NULL,
	`nonce` text NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`scope`, `nonce`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `nonces_expiry` ON `nonces` (`expires_at`);--> statement-breakpoint
CREATE TABLE `numeric_codes` (
	`code_hash` blob PRIMARY KEY NOT NULL,
	`bucket` integer NOT NULL,
	`code` blob NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `numeric_codes_expiry` ON `numeric_codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `organisations` (
	`code` text PRIMARY KEY NOT NULL,
	`parent_code` text,
	`level` text NOT NULL,
	`name_zh` text NOT NULL,
	`path` text NOT NULL,
	`region` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`parent_code`) REFERENCES `organisations`(`code`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `organisations_path` ON `organisations` (`path`);--> statement-breakpoint
CREATE INDEX `organisations_parent` ON `organisations` (`parent_code`,`code`);--> statement-breakpoint
CREATE TABLE `pending_leaves` (
	`bucket` integer NOT NULL,
	`entry_id` text NOT NULL,
	`leaf_hash` blob NOT NULL,
	`prev` blob,
	`closes` integer NOT NULL,
	PRIMARY KEY(`bucket`, `entry_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `persons` (
	`id` text PRIMARY KEY NOT NULL,
	`id_type` text,
	`id_hash` blob,
	`sealed_id` blob,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `persons_id_hash` ON `persons` (`id_hash`);--> statement-breakpoint
CREATE TABLE `postings` (
	`bucket` integer NOT NULL,
	`entry_id` text NOT NULL,
	`line` integer NOT NULL,
	`account` text NOT NULL,
	`programme_id` text NOT NULL,
	`merchant_id` text,
	`amount` integer NOT NULL,
	PRIMARY KEY(`bucket`, `entry_id`, `line`),
	FOREIGN KEY (`bucket`,`entry_id`) REFERENCES `journal_entries`(`bucket`,`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `preparations` (
	`bucket` integer NOT NULL,
	`voucher_id` text NOT NULL,
	`step` integer NOT NULL,
	`id` text NOT NULL,
	`terminal_id` text NOT NULL,
	`device_id` text NOT NULL,
	`evidence` blob NOT NULL,
	`until` integer NOT NULL,
	PRIMARY KEY(`bucket`, `voucher_id`, `step`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `preparations_id` ON `preparations` (`bucket`,`id`);--> statement-breakpoint
CREATE TABLE `principals` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`person_id` text NOT NULL,
	`name` text NOT NULL,
	`method` text,
	`jwk` text,
	`secret_hash` blob,
	`created_at` integer NOT NULL,
	`revoked_at` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `programmes` (
	`id` text PRIMARY KEY NOT NULL,
	`bucket` integer NOT NULL,
	`public_id` text NOT NULL,
	`name_zh` text NOT NULL,
	`name_en` text NOT NULL,
	`org_code` text NOT NULL,
	`period_from` integer NOT NULL,
	`period_to` integer NOT NULL,
	`time_zone` text NOT NULL,
	`available` integer NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "programmes_not_overspent" CHECK("programmes"."available" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `programmes_public_id` ON `programmes` (`public_id`);--> statement-breakpoint
CREATE TABLE `provisionings` (
	`token_hash` blob PRIMARY KEY NOT NULL,
	`terminal_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`terminal_id`) REFERENCES `terminals`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `quotas` (
	`benefit_id` text NOT NULL,
	`scope` text NOT NULL,
	`total` integer NOT NULL,
	`used` integer NOT NULL,
	PRIMARY KEY(`benefit_id`, `scope`),
	CONSTRAINT "quotas_not_exceeded" CHECK("quotas"."used" between 0 and "quotas"."total")
) STRICT;
--> statement-breakpoint
CREATE TABLE `redemptions` (
	`bucket` integer NOT NULL,
	`id` text NOT NULL,
	`voucher_id` text NOT NULL,
	`programme_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`member_id` text NOT NULL,
	`merchant_id` text NOT NULL,
	`store_id` text NOT NULL,
	`terminal_id` text NOT NULL,
	`shift_id` text NOT NULL,
	`cashier_id` text NOT NULL,
	`uses` integer NOT NULL,
	`amount` integer NOT NULL,
	`order_amount` integer,
	`policy_number` text,
	`collector` text,
	`state` text NOT NULL,
	`redeemed_at` integer NOT NULL,
	`reversible_until` integer NOT NULL,
	`reversed_at` integer,
	`reversal_reason` text,
	`entry_id` text NOT NULL,
	PRIMARY KEY(`bucket`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `redemptions_voucher` ON `redemptions` (`bucket`,`voucher_id`);--> statement-breakpoint
CREATE INDEX `redemptions_shift` ON `redemptions` (`shift_id`);--> statement-breakpoint
CREATE TABLE `refused_redemptions` (
	`id` text PRIMARY KEY NOT NULL,
	`terminal_id` text NOT NULL,
	`store_id` text NOT NULL,
	`voucher_id` text,
	`code` text NOT NULL,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `refused_redemptions_store` ON `refused_redemptions` (`store_id`,`at`);--> statement-breakpoint
CREATE TABLE `segments` (
	`id` text NOT NULL,
	`version` integer NOT NULL,
	`name` text NOT NULL,
	`criteria` text NOT NULL,
	`org_code` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`id`, `version`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `shifts` (
	`id` text PRIMARY KEY NOT NULL,
	`terminal_id` text NOT NULL,
	`cashier_id` text NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	FOREIGN KEY (`terminal_id`) REFERENCES `terminals`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`cashier_id`) REFERENCES `cashiers`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `shifts_terminal` ON `shifts` (`terminal_id`,`opened_at`);--> statement-breakpoint
CREATE TABLE `stores` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`name` text NOT NULL,
	`category` text NOT NULL,
	`region` integer NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`merchant_id`) REFERENCES `merchants`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `stores_merchant` ON `stores` (`merchant_id`);--> statement-breakpoint
CREATE TABLE `terminals` (
	`id` text PRIMARY KEY NOT NULL,
	`store_id` text NOT NULL,
	`name` text NOT NULL,
	`spki` blob,
	`provisioned_at` integer,
	`revoked_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`store_id`) REFERENCES `stores`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `terminals_store` ON `terminals` (`store_id`);--> statement-breakpoint
CREATE TABLE `tiles` (
	`log` text NOT NULL,
	`level` integer NOT NULL,
	`n` integer NOT NULL,
	`data` blob NOT NULL,
	PRIMARY KEY(`log`, `level`, `n`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `voucher_events` (
	`bucket` integer NOT NULL,
	`voucher_id` text NOT NULL,
	`version` integer NOT NULL,
	`kind` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL,
	`entry_id` text NOT NULL,
	PRIMARY KEY(`bucket`, `voucher_id`, `version`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `vouchers` (
	`bucket` integer NOT NULL,
	`id` text NOT NULL,
	`programme_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`benefit_version` integer NOT NULL,
	`batch_id` text,
	`member_id` text NOT NULL,
	`person_id` text NOT NULL,
	`seq` integer NOT NULL,
	`origin` text NOT NULL,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`uses_total` integer NOT NULL,
	`uses_left` integer NOT NULL,
	`amount` integer NOT NULL,
	`offer_to` integer,
	`valid_from` integer NOT NULL,
	`valid_to` integer NOT NULL,
	`issued_at` integer NOT NULL,
	`claimed_at` integer,
	`used_at` integer,
	`reversals` integer NOT NULL,
	`prepared_by` text,
	`prepared_until` integer,
	`last_leaf` blob NOT NULL,
	PRIMARY KEY(`bucket`, `id`),
	CONSTRAINT "vouchers_uses" CHECK("vouchers"."uses_left" between 0 and "vouchers"."uses_total"),
	CONSTRAINT "vouchers_amount" CHECK("vouchers"."amount" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `vouchers_once_per_batch` ON `vouchers` (`bucket`,`batch_id`,`member_id`,`seq`);--> statement-breakpoint
CREATE INDEX `vouchers_member` ON `vouchers` (`bucket`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `vouchers_person` ON `vouchers` (`bucket`,`person_id`,`benefit_id`);