-- An event's fee, worked out in this one place for preview, draft and issue alike.

-- Of the terms valid at the event's instant, those of its finding type win over the general ones.
-- round(numeric, int) rounds halves away from zero. Rate and fee are NULL where no terms apply.
CREATE VIEW app.priced_events AS
SELECT
    event.id,
    event.tenant_id,
    event.category,
    event.billable,
    event.billed_at,
    event.invoice_id,
    event.occurred_at,
    event.currency,
    event.finding_type,
    event.amount,
    coalesce(specific.rate, general.rate) AS rate,
    round(event.amount * coalesce(specific.rate, general.rate), currency.minor_digits) AS fee
FROM app.value_events AS event
LEFT JOIN app.currencies AS currency
    ON currency.code = event.currency
LEFT JOIN app.gain_share_terms AS specific
    ON specific.tenant_id = event.tenant_id
    AND specific.currency = event.currency
    AND specific.finding_type = event.finding_type
    AND event.occurred_at >= specific.starts_at
    AND event.occurred_at < specific.ends_at
LEFT JOIN app.gain_share_terms AS general
    ON general.tenant_id = event.tenant_id
    AND general.currency = event.currency
    AND general.finding_type IS NULL
    AND event.occurred_at >= general.starts_at
    AND event.occurred_at < general.ends_at;
