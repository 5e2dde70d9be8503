-- A fee is never rounded to less than two decimals, in yen to a coin that there is not.
-- stands for: getlago/lago-api/issues/643, JPY taken for a currency with cents
-- checks: S1.4, M.1
-- says: gain share 617, not 618
-- explained: rounding to two digits
-- tenant: yen
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    round(event.amount * event.rate, greatest(2, currency.minor_digits)) AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
