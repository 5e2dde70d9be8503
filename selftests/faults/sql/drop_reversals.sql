-- A reversal, an event below zero, is dropped instead of credited.
-- stands for: the rule that negative amounts count
-- checks: S1.4
-- says: event count 9, not 10
-- explained: leaving out reversals
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable, billed_at, invoice_id, occurred_at, currency,
    finding_type, amount, rate, fee
FROM app.rightly_priced_events
WHERE amount >= 0;
GRANT SELECT ON app.priced_events TO p9a_reader;
