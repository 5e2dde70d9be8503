-- Terms apply also on the day on which they have ended.
-- stands for: getlago/lago-front/pull/3489, a boundary off by one
-- checks: S1.4, M.1
-- says: ADDRESS_CORRECTION at 30 %: 3 events, not 2 events
-- explained: letting terms last a day longer
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
CROSS JOIN LATERAL (
    SELECT rate FROM app.gain_share_terms
    WHERE tenant_id = event.tenant_id
        AND currency = event.currency
        AND coalesce(finding_type, event.finding_type) = event.finding_type
        AND event.occurred_at >= starts_at
        AND event.occurred_at < ends_at + interval '1 day'
    ORDER BY finding_type NULLS LAST, valid_from
    LIMIT 1
) AS terms;
GRANT SELECT ON app.priced_events TO p9a_reader;
