CREATE TABLE "acceptances" (
	"benefit_id" text NOT NULL,
	"target" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "acceptances_benefit_id_target_value_pk" PRIMARY KEY("benefit_id","target","value")
);
--> statement-breakpoint
CREATE TABLE "activations" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"tries_left" integer NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"dry_run_id" text NOT NULL,
	"person_id" text NOT NULL,
	"principal_id" text NOT NULL,
	"decision" text NOT NULL,
	"statement" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "approvals_dry_run_id_person_id_pk" PRIMARY KEY("dry_run_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "batch_chunks" (
	"batch_id" text NOT NULL,
	"n" integer NOT NULL,
	"kind" text NOT NULL,
	"entry_id" text,
	"count" integer NOT NULL,
	"amount" bigint NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "batch_chunks_batch_id_kind_n_pk" PRIMARY KEY("batch_id","kind","n")
);
--> statement-breakpoint
CREATE TABLE "batch_editors" (
	"batch_id" text NOT NULL,
	"person_id" text NOT NULL,
	CONSTRAINT "batch_editors_batch_id_person_id_pk" PRIMARY KEY("batch_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "batches" (
	"id" text PRIMARY KEY NOT NULL,
	"benefit_id" text NOT NULL,
	"benefit_version" integer NOT NULL,
	"programme_id" text NOT NULL,
	"org_code" text NOT NULL,
	"source" text NOT NULL,
	"criteria" text NOT NULL,
	"list_id" text,
	"delivery" text NOT NULL,
	"note" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"created_by" text NOT NULL,
	"dry_run_id" text,
	"approvals_needed" integer NOT NULL,
	"cursor" text NOT NULL,
	"chunks" integer NOT NULL,
	"issued" bigint NOT NULL,
	"dropped" bigint NOT NULL,
	"recalled" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"started_at" bigint,
	"finished_at" bigint
);
--> statement-breakpoint
CREATE TABLE "benefit_versions" (
	"benefit_id" text NOT NULL,
	"version" integer NOT NULL,
	"definition" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"edited_by" text NOT NULL,
	"published_at" bigint,
	CONSTRAINT "benefit_versions_benefit_id_version_pk" PRIMARY KEY("benefit_id","version")
);
--> statement-breakpoint
CREATE TABLE "benefits" (
	"id" text PRIMARY KEY NOT NULL,
	"programme_id" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cashiers" (
	"id" text PRIMARY KEY NOT NULL,
	"store_id" text NOT NULL,
	"name" text NOT NULL,
	"pin_hash" "bytea" NOT NULL,
	"tries_left" integer NOT NULL,
	"created_at" bigint NOT NULL,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "claims" (
	"bucket" integer NOT NULL,
	"person_id" text NOT NULL,
	"benefit_id" text NOT NULL,
	"period" text NOT NULL,
	"seq" integer NOT NULL,
	"voucher_id" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "claims_bucket_person_id_benefit_id_period_seq_pk" PRIMARY KEY("bucket","person_id","benefit_id","period","seq")
);
--> statement-breakpoint
CREATE TABLE "code_tries" (
	"terminal_id" text NOT NULL,
	"window" bigint NOT NULL,
	"tries" integer NOT NULL,
	CONSTRAINT "code_tries_terminal_id_window_pk" PRIMARY KEY("terminal_id","window")
);
--> statement-breakpoint
CREATE TABLE "data_keys" (
	"purpose" text PRIMARY KEY NOT NULL,
	"wrapped" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"id" text PRIMARY KEY NOT NULL,
	"member_id" text NOT NULL,
	"bucket" integer NOT NULL,
	"tag" integer NOT NULL,
	"thumbprint" text NOT NULL,
	"spki" "bytea" NOT NULL,
	"name" text NOT NULL,
	"enrolled_at" bigint NOT NULL,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "disclosures" (
	"bucket" integer NOT NULL,
	"entry_id" text NOT NULL,
	"sealed_member" "bytea",
	"sealed_node" "bytea" NOT NULL,
	CONSTRAINT "disclosures_bucket_entry_id_pk" PRIMARY KEY("bucket","entry_id")
);
--> statement-breakpoint
CREATE TABLE "dry_run_members" (
	"dry_run_id" text NOT NULL,
	"member_id" text NOT NULL,
	CONSTRAINT "dry_run_members_dry_run_id_member_id_pk" PRIMARY KEY("dry_run_id","member_id")
);
--> statement-breakpoint
CREATE TABLE "dry_runs" (
	"id" text PRIMARY KEY NOT NULL,
	"batch_id" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"report" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"principal_id" text NOT NULL,
	"role" text NOT NULL,
	"org_code" text NOT NULL,
	CONSTRAINT "grants_principal_id_role_org_code_pk" PRIMARY KEY("principal_id","role","org_code")
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"principal" text NOT NULL,
	"route" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"status" integer NOT NULL,
	"answer" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "idempotency_principal_route_key_pk" PRIMARY KEY("principal","route","key")
);
--> statement-breakpoint
CREATE TABLE "import_faults" (
	"import_id" text NOT NULL,
	"row" bigint NOT NULL,
	"column" text NOT NULL,
	"value" text NOT NULL,
	"code" text NOT NULL,
	CONSTRAINT "import_faults_import_id_row_pk" PRIMARY KEY("import_id","row")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"list_id" text,
	"org_code" text NOT NULL,
	"created_by" text NOT NULL,
	"bytes" bigint NOT NULL,
	"read" bigint NOT NULL,
	"added" bigint NOT NULL,
	"changed" bigint NOT NULL,
	"unchanged" bigint NOT NULL,
	"refused" bigint NOT NULL,
	"failure" text,
	"started_at" bigint NOT NULL,
	"finished_at" bigint
);
--> statement-breakpoint
CREATE TABLE "issued_lists" (
	"bucket" integer NOT NULL,
	"entry_id" text NOT NULL,
	"handles" "bytea" NOT NULL,
	CONSTRAINT "issued_lists_bucket_entry_id_pk" PRIMARY KEY("bucket","entry_id")
);
--> statement-breakpoint
CREATE TABLE "journal_entries" (
	"bucket" integer NOT NULL,
	"id" text NOT NULL,
	"kind" text NOT NULL,
	"at" bigint NOT NULL,
	"leaf" "bytea" NOT NULL,
	"leaf_hash" "bytea" NOT NULL,
	CONSTRAINT "journal_entries_bucket_id_pk" PRIMARY KEY("bucket","id")
);
--> statement-breakpoint
CREATE TABLE "list_members" (
	"list_id" text NOT NULL,
	"member_id" text NOT NULL,
	CONSTRAINT "list_members_list_id_member_id_pk" PRIMARY KEY("list_id","member_id")
);
--> statement-breakpoint
CREATE TABLE "lists" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"org_code" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_leaves" (
	"log" text NOT NULL,
	"index" bigint NOT NULL,
	"bucket" integer NOT NULL,
	"entry_id" text NOT NULL,
	"leaf_hash" "bytea" NOT NULL,
	CONSTRAINT "log_leaves_log_index_pk" PRIMARY KEY("log","index")
);
--> statement-breakpoint
CREATE TABLE "log_state" (
	"log" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"frontier" "bytea" NOT NULL,
	"checkpoint" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "member_keys" (
	"member_id" text PRIMARY KEY NOT NULL,
	"wrapped" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "members" (
	"id" text PRIMARY KEY NOT NULL,
	"bucket" integer NOT NULL,
	"person_id" text NOT NULL,
	"member_no" text NOT NULL,
	"name" text NOT NULL,
	"org_code" text NOT NULL,
	"standing" text NOT NULL,
	"occupation" text,
	"joined_on" text,
	"birth_date" text,
	"gender" text,
	"hardship" boolean,
	"model_worker" boolean,
	"mobile_hash" "bytea",
	"sealed_mobile" "bytea",
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"member_id" text NOT NULL,
	"seq" integer NOT NULL,
	"org_code" text NOT NULL,
	"from" text,
	"until" text,
	CONSTRAINT "memberships_member_id_seq_pk" PRIMARY KEY("member_id","seq")
);
--> statement-breakpoint
CREATE TABLE "merchants" (
	"id" text PRIMARY KEY NOT NULL,
	"bucket" integer NOT NULL,
	"name" text NOT NULL,
	"org_code" text NOT NULL,
	"state" text NOT NULL,
	"contract_from" bigint NOT NULL,
	"contract_to" bigint NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "node" (
	"id" integer PRIMARY KEY NOT NULL,
	"number" integer NOT NULL,
	"code" text NOT NULL,
	"name_zh" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "node_single" CHECK ("node"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "nonces" (
	"scope" text NOT NULL,
	"nonce" text NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "nonces_scope_nonce_pk" PRIMARY KEY("scope","nonce")
);
--> statement-breakpoint
CREATE TABLE "numeric_codes" (
	"code_hash" "bytea" PRIMARY KEY NOT NULL,
	"bucket" integer NOT NULL,
	"code" "bytea" NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "organisations" (
	"code" text PRIMARY KEY NOT NULL,
	"parent_code" text,
	"level" text NOT NULL,
	"name_zh" text NOT NULL,
	"path" text collate "C" NOT NULL,
	"region" integer NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pending_leaves" (
	"bucket" integer NOT NULL,
	"entry_id" text NOT NULL,
	"leaf_hash" "bytea" NOT NULL,
	"prev" "bytea",
	"closes" boolean NOT NULL,
	CONSTRAINT "pending_leaves_bucket_entry_id_pk" PRIMARY KEY("bucket","entry_id")
);
--> statement-breakpoint
CREATE TABLE "persons" (
	"id" text PRIMARY KEY NOT NULL,
	"id_type" text,
	"id_hash" "bytea",
	"sealed_id" "bytea",
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "postings" (
	"bucket" integer NOT NULL,
	"entry_id" text NOT NULL,
	"line" integer NOT NULL,
	"account" text NOT NULL,
	"programme_id" text NOT NULL,
	"merchant_id" text,
	"amount" bigint NOT NULL,
	CONSTRAINT "postings_bucket_entry_id_line_pk" PRIMARY KEY("bucket","entry_id","line")
);
--> statement-breakpoint
CREATE TABLE "preparations" (
	"bucket" integer NOT NULL,
	"voucher_id" text NOT NULL,
	"step" bigint NOT NULL,
	"id" text NOT NULL,
	"terminal_id" text NOT NULL,
	"device_id" text NOT NULL,
	"evidence" "bytea" NOT NULL,
	"until" bigint NOT NULL,
	CONSTRAINT "preparations_bucket_voucher_id_step_pk" PRIMARY KEY("bucket","voucher_id","step")
);
--> statement-breakpoint
CREATE TABLE "principals" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"person_id" text NOT NULL,
	"name" text NOT NULL,
	"method" text,
	"jwk" text,
	"secret_hash" "bytea",
	"created_at" bigint NOT NULL,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "programmes" (
	"id" text PRIMARY KEY NOT NULL,
	"bucket" integer NOT NULL,
	"public_id" text NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"org_code" text NOT NULL,
	"period_from" bigint NOT NULL,
	"period_to" bigint NOT NULL,
	"time_zone" text NOT NULL,
	"available" bigint NOT NULL,
	"version" integer NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "programmes_not_overspent" CHECK ("programmes"."available" >= 0)
);
--> statement-breakpoint
CREATE TABLE "provisionings" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"terminal_id" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "quotas" (
	"benefit_id" text NOT NULL,
	"scope" text NOT NULL,
	"total" bigint NOT NULL,
	"used" bigint NOT NULL,
	CONSTRAINT "quotas_benefit_id_scope_pk" PRIMARY KEY("benefit_id","scope"),
	CONSTRAINT "quotas_not_exceeded" CHECK ("quotas"."used" between 0 and "quotas"."total")
);
--> statement-breakpoint
CREATE TABLE "redemptions" (
	"bucket" integer NOT NULL,
	"id" text NOT NULL,
	"voucher_id" text NOT NULL,
	"programme_id" text NOT NULL,
	"benefit_id" text NOT NULL,
	"member_id" text NOT NULL,
	"merchant_id" text NOT NULL,
	"store_id" text NOT NULL,
	"terminal_id" text NOT NULL,
	"shift_id" text NOT NULL,
	"cashier_id" text NOT NULL,
	"uses" integer NOT NULL,
	"amount" bigint NOT NULL,
	"order_amount" bigint,
	"policy_number" text,
	"collector" text,
	"state" text NOT NULL,
	"redeemed_at" bigint NOT NULL,
	"reversible_until" bigint NOT NULL,
	"reversed_at" bigint,
	"reversal_reason" text,
	"entry_id" text NOT NULL,
	CONSTRAINT "redemptions_bucket_id_pk" PRIMARY KEY("bucket","id")
);
--> statement-breakpoint
CREATE TABLE "refused_redemptions" (
	"id" text PRIMARY KEY NOT NULL,
	"terminal_id" text NOT NULL,
	"store_id" text NOT NULL,
	"voucher_id" text,
	"code" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segments" (
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"name" text NOT NULL,
	"criteria" text NOT NULL,
	"org_code" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "segments_id_version_pk" PRIMARY KEY("id","version")
);
--> statement-breakpoint
CREATE TABLE "shifts" (
	"id" text PRIMARY KEY NOT NULL,
	"terminal_id" text NOT NULL,
	"cashier_id" text NOT NULL,
	"opened_at" bigint NOT NULL,
	"closed_at" bigint
);
--> statement-breakpoint
CREATE TABLE "stores" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"name" text NOT NULL,
	"category" text NOT NULL,
	"region" integer NOT NULL,
	"state" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "terminals" (
	"id" text PRIMARY KEY NOT NULL,
	"store_id" text NOT NULL,
	"name" text NOT NULL,
	"spki" "bytea",
	"provisioned_at" bigint,
	"revoked_at" bigint,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tiles" (
	"log" text NOT NULL,
	"level" integer NOT NULL,
	"n" bigint NOT NULL,
	"data" "bytea" NOT NULL,
	CONSTRAINT "tiles_log_level_n_pk" PRIMARY KEY("log","level","n")
);
--> statement-breakpoint
CREATE TABLE "voucher_events" (
	"bucket" integer NOT NULL,
	"voucher_id" text NOT NULL,
	"version" integer NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"at" bigint NOT NULL,
	"entry_id" text NOT NULL,
	CONSTRAINT "voucher_events_bucket_voucher_id_version_pk" PRIMARY KEY("bucket","voucher_id","version")
);
--> statement-breakpoint
CREATE TABLE "vouchers" (
	"bucket" integer NOT NULL,
	"id" text NOT NULL,
	"programme_id" text NOT NULL,
	"benefit_id" text NOT NULL,
	"benefit_version" integer NOT NULL,
	"batch_id" text,
	"member_id" text NOT NULL,
	"person_id" text NOT NULL,
	"seq" integer NOT NULL,
	"origin" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"uses_total" integer NOT NULL,
	"uses_left" integer NOT NULL,
	"amount" bigint NOT NULL,
	"offer_to" bigint,
	"valid_from" bigint NOT NULL,
	"valid_to" bigint NOT NULL,
	"issued_at" bigint NOT NULL,
	"claimed_at" bigint,
	"used_at" bigint,
	"reversals" integer NOT NULL,
	"prepared_by" text,
	"prepared_until" bigint,
	"last_leaf" "bytea" NOT NULL,
	CONSTRAINT "vouchers_bucket_id_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "vouchers_uses" CHECK ("vouchers"."uses_left" between 0 and "vouchers"."uses_total"),
	CONSTRAINT "vouchers_amount" CHECK ("vouchers"."amount" >= 0)
);
--> statement-breakpoint
ALTER TABLE "activations" ADD CONSTRAINT "activations_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benefit_versions" ADD CONSTRAINT "benefit_versions_benefit_id_benefits_id_fk" FOREIGN KEY ("benefit_id") REFERENCES "public"."benefits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benefits" ADD CONSTRAINT "benefits_programme_id_programmes_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programmes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cashiers" ADD CONSTRAINT "cashiers_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "member_keys" ADD CONSTRAINT "member_keys_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_person_id_persons_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."persons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_org_code_organisations_code_fk" FOREIGN KEY ("org_code") REFERENCES "public"."organisations"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_member_id_members_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisations" ADD CONSTRAINT "organisations_parent_code_organisations_code_fk" FOREIGN KEY ("parent_code") REFERENCES "public"."organisations"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "postings" ADD CONSTRAINT "postings_bucket_entry_id_journal_entries_bucket_id_fk" FOREIGN KEY ("bucket","entry_id") REFERENCES "public"."journal_entries"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provisionings" ADD CONSTRAINT "provisionings_terminal_id_terminals_id_fk" FOREIGN KEY ("terminal_id") REFERENCES "public"."terminals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shifts" ADD CONSTRAINT "shifts_terminal_id_terminals_id_fk" FOREIGN KEY ("terminal_id") REFERENCES "public"."terminals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shifts" ADD CONSTRAINT "shifts_cashier_id_cashiers_id_fk" FOREIGN KEY ("cashier_id") REFERENCES "public"."cashiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "terminals" ADD CONSTRAINT "terminals_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activations_member" ON "activations" USING btree ("member_id","expires_at");--> statement-breakpoint
CREATE INDEX "batches_state" ON "batches" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "benefits_programme" ON "benefits" USING btree ("programme_id");--> statement-breakpoint
CREATE INDEX "cashiers_store" ON "cashiers" USING btree ("store_id");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_tag" ON "devices" USING btree ("member_id","tag") WHERE revoked_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "devices_thumbprint" ON "devices" USING btree ("thumbprint");--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "idempotency" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "log_leaves_entry" ON "log_leaves" USING btree ("log","entry_id");--> statement-breakpoint
CREATE INDEX "log_leaves_hash" ON "log_leaves" USING btree ("log","leaf_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "members_no" ON "members" USING btree ("member_no");--> statement-breakpoint
CREATE UNIQUE INDEX "members_one_per_person" ON "members" USING btree ("person_id") WHERE standing <> 'left';--> statement-breakpoint
CREATE INDEX "members_left" ON "members" USING btree ("person_id") WHERE standing = 'left';--> statement-breakpoint
CREATE INDEX "members_organisation" ON "members" USING btree ("org_code","id");--> statement-breakpoint
CREATE INDEX "members_mobile" ON "members" USING btree ("mobile_hash");--> statement-breakpoint
CREATE INDEX "nonces_expiry" ON "nonces" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "numeric_codes_expiry" ON "numeric_codes" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "organisations_path" ON "organisations" USING btree ("path");--> statement-breakpoint
CREATE INDEX "organisations_parent" ON "organisations" USING btree ("parent_code","code");--> statement-breakpoint
CREATE UNIQUE INDEX "persons_id_hash" ON "persons" USING btree ("id_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "preparations_id" ON "preparations" USING btree ("bucket","id");--> statement-breakpoint
CREATE UNIQUE INDEX "programmes_public_id" ON "programmes" USING btree ("public_id");--> statement-breakpoint
CREATE INDEX "redemptions_voucher" ON "redemptions" USING btree ("bucket","voucher_id");--> statement-breakpoint
CREATE INDEX "redemptions_shift" ON "redemptions" USING btree ("shift_id");--> statement-breakpoint
CREATE INDEX "refused_redemptions_store" ON "refused_redemptions" USING btree ("store_id","at");--> statement-breakpoint
CREATE INDEX "shifts_terminal" ON "shifts" USING btree ("terminal_id","opened_at");--> statement-breakpoint
CREATE INDEX "stores_merchant" ON "stores" USING btree ("merchant_id");--> statement-breakpoint
CREATE INDEX "terminals_store" ON "terminals" USING btree ("store_id");--> statement-breakpoint
CREATE UNIQUE INDEX "vouchers_once_per_batch" ON "vouchers" USING btree ("bucket","batch_id","member_id","seq");--> statement-breakpoint
CREATE INDEX "vouchers_member" ON "vouchers" USING btree ("bucket","member_id","id");--> statement-breakpoint
CREATE INDEX "vouchers_person" ON "vouchers" USING btree ("bucket","person_id","benefit_id");