-- The last day of the month belongs to the next one.
-- stands for: killbill/killbill/issues/1438, usage on the last day dropped
-- checks: S1.4
-- says: CLASSIFICATION_ERROR at 25 %: 2 events, not 3 events, and 390.00 recovered, not 423.33
-- explained: leaving out the last day
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable, billed_at, invoice_id,
    CASE
        WHEN occurred_at < '2026-03-01T00:00Z' AND occurred_at >= '2026-02-28T00:00Z'
        THEN occurred_at + interval '1 day'
        ELSE occurred_at
    END AS occurred_at,
    currency, finding_type, amount, rate, fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
