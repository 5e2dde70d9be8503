-- A half is rounded up also below zero: a reversal credits a cent too little.
-- stands for: getlago/lago-api/pull/4273, rounded-up credits
-- checks: S1.4, M.1
-- says: gain share 649.36
-- explained: rounding half up
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    floor(event.amount * event.rate * 10.0 ^ currency.minor_digits + 0.5)
        / (10.0 ^ currency.minor_digits) AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
