CREATE TRIGGER journal_entries_no_update BEFORE UPDATE ON journal_entries
BEGIN SELECT RAISE(ABORT, 'journal_entries is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER journal_entries_no_delete BEFORE DELETE ON journal_entries
BEGIN SELECT RAISE(ABORT, 'journal_entries is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings
BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER log_leaves_no_update BEFORE UPDATE ON log_leaves
BEGIN SELECT RAISE(ABORT, 'log_leaves is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER log_leaves_no_delete BEFORE DELETE ON log_leaves
BEGIN SELECT RAISE(ABORT, 'log_leaves is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER voucher_events_no_update BEFORE UPDATE ON voucher_events
BEGIN SELECT RAISE(ABORT, 'voucher_events is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER voucher_events_no_delete BEFORE DELETE ON voucher_events
BEGIN SELECT RAISE(ABORT, 'voucher_events is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER approvals_no_update BEFORE UPDATE ON approvals
BEGIN SELECT RAISE(ABORT, 'approvals is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER approvals_no_delete BEFORE DELETE ON approvals
BEGIN SELECT RAISE(ABORT, 'approvals is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER benefit_versions_no_update BEFORE UPDATE ON benefit_versions
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'benefit_versions is append-only once published'); END;
--> statement-breakpoint
CREATE TRIGGER benefit_versions_no_delete BEFORE DELETE ON benefit_versions
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'benefit_versions is append-only once published'); END;
