-- A month begins and ends by the clock on a wall in Toronto, five hours late.
-- stands for: getlago/lago-api/pull/879, a guard that got the customer's time zone wrong
-- checks: S1.4
-- says: recovered amount 7219.76
-- explained: by the clock of New York
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable, billed_at, invoice_id,
    occurred_at AT TIME ZONE 'America/Toronto' AT TIME ZONE 'UTC' AS occurred_at,
    currency, finding_type, amount, rate, fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
