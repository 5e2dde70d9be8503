-- The event at the very end of the period is billed in it.
-- stands for: novuhq/novu/pull/12191, an inclusive end counted the next day too
-- checks: S1.4
-- says: event count 11, not 10
-- explained: including the period's end
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable, billed_at, invoice_id,
    CASE occurred_at
        WHEN '2026-03-01T00:00Z' THEN occurred_at - interval '1 microsecond'
        ELSE occurred_at
    END AS occurred_at,
    currency, finding_type, amount, rate, fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
