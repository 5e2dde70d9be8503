-- Fees are worked out in binary floating point.
-- stands for: the rule that money is exact decimals
-- checks: M.1
-- says: CLASSIFICATION_ERROR at 25 %: 1.12, not 1.13
-- explained: working in binary fractions
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    (sign(event.amount) * floor(
        abs(event.amount::float8 * event.rate) * 10 ^ currency.minor_digits + 0.5
    ) / 10 ^ currency.minor_digits)::numeric AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
