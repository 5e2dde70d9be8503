-- A month begins and ends by the clock on a wall in Tokyo, nine hours early.
-- stands for: killbill/killbill/pull/1856, an account that is not on UTC billed twice
-- checks: S1.4
-- says: recovered amount 7386.93
-- explained: Tokyo
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable, billed_at, invoice_id,
    occurred_at AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' AS occurred_at,
    currency, finding_type, amount, rate, fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
