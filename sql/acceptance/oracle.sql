-- name: terms(tenant_id)
-- Every rate of the tenant as it is stored; which one applies is worked out by the oracle.
-- Dates may be infinite, or of years that Python does not count: the first and last that it does.
SELECT
    finding_type,
    currency,
    rate,
    greatest(valid_from, '0001-01-01') AS valid_from,
    CASE WHEN valid_to <= '9999-12-31' THEN valid_to END AS valid_to
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
    count(invoice_id) AS claimed_count,
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

-- name: repeated_keys(tenant_id, starts, ends)
-- A few keys under which a billable event of the period is recorded more than once, and their number.
-- Where an index makes keys unique, as it should, nothing is read.
SELECT idempotency_key, count(*) OVER () AS key_count
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND idempotency_key IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM pg_index
        WHERE indrelid = 'app.value_events'::regclass
            AND indisunique
            AND indisvalid
            AND indpred IS NULL
            AND indexprs IS NULL
            AND (
                SELECT bool_and(attname IN ('tenant_id', 'idempotency_key'))
                FROM pg_attribute
                WHERE attrelid = indrelid AND attnum = ANY (indkey)
            )
    )
GROUP BY idempotency_key
HAVING count(*) > 1
    AND bool_or(
        category = 'RECOVERED'
        AND billable
        AND billed_at IS NULL
        AND occurred_at >= :starts
        AND occurred_at < :ends
    )
ORDER BY idempotency_key
LIMIT 3;

-- name: name_events(tenant_id, starts, ends, currency, finding_type)
-- A few keys of a group that cannot be billed, the odd ones first, for people to look at.
SELECT idempotency_key
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :starts
    AND occurred_at < :ends
    AND currency IS NOT DISTINCT FROM :currency
    AND finding_type IS NOT DISTINCT FROM :finding_type
ORDER BY scale(amount) IS NOT NULL, invoice_id IS NULL, idempotency_key
LIMIT 3;
