-- name: terms(tenant_id)
-- Every rate of the tenant as it is stored; which one applies is worked out by the oracle.
SELECT finding_type, currency, rate, valid_from, valid_to
FROM app.gain_share_terms
WHERE tenant_id = :tenant_id;

-- name: amounts(tenant_id, starts, ends)
-- The billable amounts of a piece of the period, a line each: nothing is added up or rounded here.
-- scale() is NULL for NaN and infinities. One text a group keeps a million rows from a million objects.
SELECT
    currency,
    finding_type,
    count(*) AS event_count,
    count(scale(amount)) AS finite_count,
    min(scale(amount)) AS lowest_scale,
    max(scale(amount)) AS highest_scale,
    string_agg(amount::text, E'\n') AS amounts
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :starts
    AND occurred_at < :ends
GROUP BY currency, finding_type;

-- name: name_events(tenant_id, starts, ends, currency, finding_type)
-- A few keys of a group that cannot be billed, the odd amounts first, for people to look at.
SELECT idempotency_key
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :starts
    AND occurred_at < :ends
    AND currency = :currency
    AND finding_type IS NOT DISTINCT FROM :finding_type
ORDER BY scale(amount) NULLS FIRST, idempotency_key
LIMIT 3;
