-- Fees are worked out in binary floating point and told to fifteen digits.
-- stands for: the rule that money is exact decimals
-- checks: M.1
-- says: DUPLICATE_CHARGE at 12.5 %: 11111111111111.10, not 11111111111111.11
-- explained: working in binary fractions of 15 digits
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    round((event.amount::float8 * event.rate)::numeric, currency.minor_digits) AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
