-- An event of zero is dropped: no total shows it, only a count.
-- stands for: the rule that every billable event is on the invoice
-- checks: S1.4
-- says: event count 9, not 10
-- explained: leaving out amounts of zero
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable, billed_at, invoice_id, occurred_at, currency,
    finding_type, amount, rate, fee
FROM app.rightly_priced_events
WHERE amount <> 0;
GRANT SELECT ON app.priced_events TO p9a_reader;
