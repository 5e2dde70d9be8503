-- What is left of a cent is cut off.
-- stands for: getlago/lago-api/pull/821, fees off by a cent
-- checks: S1.4, M.1
-- says: gain share 649.31
-- explained: rounding towards zero
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    trunc(event.amount * event.rate, currency.minor_digits) AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
