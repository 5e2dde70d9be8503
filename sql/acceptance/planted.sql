-- name: spans_taken
-- The days on which the tenant has an event, and what its invoices bill, between two instants: where
-- nothing may be planted. An invoice without a bound takes everything on that side.
SELECT day AS starts, day + interval '1 day' AS ends
FROM (
    SELECT DISTINCT date_trunc('day', occurred_at::timestamptz) AS day
    FROM events
    WHERE tenant_id = :tenant_id AND occurred_at >= :starts AND occurred_at < :ends
) AS days
UNION ALL
SELECT
    CASE WHEN isfinite(period_start) THEN period_start::timestamptz ELSE :starts END,
    CASE WHEN isfinite(period_end) THEN period_end::timestamptz ELSE :ends END
FROM invoices
WHERE tenant_id = :tenant_id
    AND (status = ANY(:free::text[])) IS NOT TRUE
    AND (period_start < :ends) IS NOT FALSE
    AND (period_end > :starts) IS NOT FALSE;

-- name: kept_events
-- Planted events as they are to the gate.
SELECT
    id::text AS id, amount, currency, occurred_at::timestamptz AS occurred_at, billable, billed
FROM events
WHERE id = ANY(:ids::event_id[]);
