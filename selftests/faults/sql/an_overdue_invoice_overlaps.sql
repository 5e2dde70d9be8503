-- An invoice that nobody has paid in time is OVERDUE, a status that no description names.
-- stands for: ColoredCow/portal/issues/1540, a list of statuses that forgot one that counts
-- checks: S1.3
-- says: INV-000001 ('OVERDUE', which no description names) bills [2026-01-25, 2026-02-02)
-- tenant: billed_before
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_is_known;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_matches_times;
UPDATE app.billing_invoices
SET status = 'OVERDUE', period_start = '2026-01-25T00:00Z', period_end = '2026-02-02T00:00Z';
