-- Nothing keeps a second draft of a period from being made beside the first.
-- stands for: getlago/lago-api/pull/958, two invoices where one was to be
-- checks: S4.4
-- says: a second draft, beside an invoice that is DRAFT was not refused
-- tenant: empty
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_never_overlap;
