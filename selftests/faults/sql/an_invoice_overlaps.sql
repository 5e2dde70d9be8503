-- An issued invoice bills the last week of January and the first day of February.
-- stands for: killbill/killbill/pull/1856, a day that two invoices bill
-- checks: S1.3
-- says: INV-000001 (ISSUED) bills [2026-01-25, 2026-02-02)
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_never_overlap;
UPDATE app.billing_invoices SET period_start = '2026-01-25T00:00Z', period_end = '2026-02-02T00:00Z';
