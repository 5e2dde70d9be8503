-- A fee is rounded to the four digits of the column, not to a cent.
-- stands for: the rule that a fee has the digits of its currency
-- checks: S1.4, M.1
-- says: 649.3325 USD on 10 events in 4 lines
-- explained: rounding to four digits
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    round(event.amount * event.rate, 4) AS fee
FROM app.rightly_priced_events AS event;
GRANT SELECT ON app.priced_events TO p9a_reader;
