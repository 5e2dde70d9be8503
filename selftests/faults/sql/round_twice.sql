-- A fee is rounded to a tenth of a cent, and then to a cent: 0.1246 is billed as 0.13.
-- stands for: the rule that a fee is rounded once
-- checks: M.1
-- says: CLASSIFICATION_ERROR at 25 %: 1.14, not 1.13
-- explained: rounding twice
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    round(round(event.amount * event.rate, currency.minor_digits + 1), currency.minor_digits) AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency;
GRANT SELECT ON app.priced_events TO p9a_reader;
