-- The event at the very start of the period is billed in the one before.
-- stands for: killbill/killbill/issues/1438, usage at an edge dropped
-- checks: S1.4
-- says: event count 9, not 10
-- explained: excluding the period's start
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable, billed_at, invoice_id,
    CASE occurred_at
        WHEN '2026-02-01T00:00Z' THEN occurred_at - interval '1 microsecond'
        ELSE occurred_at
    END AS occurred_at,
    currency, finding_type, amount, rate, fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
