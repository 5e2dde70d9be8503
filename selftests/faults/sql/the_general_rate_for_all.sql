-- The general rate wins over that of the finding type.
-- stands for: the rule that specific terms win over general ones
-- checks: S1.4, M.1
-- says: ADDRESS_CORRECTION at 25 %: 3 events, not 1 event
-- explained: taking the general rate
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount,
    terms.rate AS rate,
    round(event.amount * terms.rate, currency.minor_digits) AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency
JOIN app.gain_share_terms AS terms
    ON terms.tenant_id = event.tenant_id
    AND terms.currency = event.currency
    AND terms.finding_type IS NULL
    AND event.occurred_at >= terms.starts_at
    AND event.occurred_at < terms.ends_at;
GRANT SELECT ON app.priced_events TO p9a_reader;
