-- A rate is used in whole percent: 12.5 % becomes 13 %.
-- stands for: the rule that rates have six decimals
-- checks: M.1
-- says: DUPLICATE_CHARGE: at 13 %, not at 12.5 %
-- explained: rounding rates to whole percents
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount,
    round(event.rate, 2)::numeric(7, 6) AS rate,
    round(event.amount * round(event.rate, 2), currency.minor_digits) AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
