-- A fee of half a cent is rounded to the even cent.
-- stands for: the rule that halves are rounded away from zero
-- checks: S1.4, M.1
-- says: gain share 649.32
-- explained: rounding half to even
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    CASE
        WHEN mod(abs(event.amount * event.rate) * 10.0 ^ currency.minor_digits, 2) = 0.5
        THEN trunc(event.amount * event.rate, currency.minor_digits)
        ELSE event.fee
    END AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
