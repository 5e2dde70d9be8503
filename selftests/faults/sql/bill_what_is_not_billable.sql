-- An event that is not billable is billed.
-- stands for: the rule that a billable event is one that says so
-- checks: S1.4
-- says: event count 11, not 10
-- explained: billing what is not billable too
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category,
    true AS billable,
    billed_at, invoice_id, occurred_at, currency, finding_type, amount, rate, fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
