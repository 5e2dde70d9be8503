-- Every event of a month has the rate of the month's first instant.

-- name: build
CREATE OR REPLACE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at, event.invoice_id,
    event.occurred_at, event.currency, event.finding_type, event.amount, terms.rate,
    round(event.amount * terms.rate, currency.minor_digits) AS fee
FROM app.value_events AS event
LEFT JOIN app.currencies AS currency ON currency.code = event.currency
LEFT JOIN LATERAL (
    SELECT rate
    FROM app.gain_share_terms AS terms
    WHERE terms.tenant_id = event.tenant_id
        AND terms.currency = event.currency
        AND (terms.finding_type = event.finding_type OR terms.finding_type IS NULL)
        AND date_trunc('month', event.occurred_at, 'UTC') >= terms.starts_at
        AND date_trunc('month', event.occurred_at, 'UTC') < terms.ends_at
    ORDER BY terms.finding_type, terms.starts_at DESC
    LIMIT 1
) AS terms ON true;
