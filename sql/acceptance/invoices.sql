-- name: overlapping_invoices
-- What already bills, or is about to bill, an instant of the period: every invoice but those of words
-- that are known to leave a period free. A word that nobody knows, none at all, and a bound that is
-- missing are in the way. Bounds that are no instants are told in words alone.
SELECT
    id::text AS id, number, status,
    CASE WHEN isfinite(period_start) THEN period_start::timestamptz END AS period_start,
    CASE WHEN isfinite(period_end) THEN period_end::timestamptz END AS period_end,
    coalesce(period_start::text, '?') AS starts,
    coalesce(period_end::text, '?') AS ends
FROM invoices
WHERE tenant_id = :tenant_id
    AND (status = ANY(:free::text[])) IS NOT TRUE
    AND (period_start < :period_end) IS NOT FALSE
    AND (period_end > :period_start) IS NOT FALSE
ORDER BY invoices.period_start, number;

-- name: stored_invoices
-- The tenant's invoices beside those already known: what a run has made.
SELECT
    id::text AS id, tenant_id::text AS tenant_id, number, status, currency,
    period_start::timestamptz, period_end::timestamptz, event_count::bigint, recovered_amount,
    gain_share_amount, issued_at::timestamptz, paid_at::timestamptz
FROM invoices
WHERE tenant_id = :tenant_id AND NOT id = ANY(:known_ids::invoice_id[])
ORDER BY created_at, id;

-- name: invoice_ids
SELECT id::text AS id FROM invoices WHERE tenant_id = :tenant_id;

-- name: invoices_of_others
-- Everybody else's invoices, boiled down: a run on one tenant must not touch them.
SELECT count(*) AS invoice_count, coalesce(sum(digest), 0)::numeric AS digest
FROM invoices
WHERE tenant_id <> :tenant_id;

-- name: other_numbers
-- What other invoices are called: the tenant's, or everybody's where numbers are the platform's.
SELECT number
FROM invoices
WHERE (tenant_id = :tenant_id OR :of_all::boolean)
    AND id <> :invoice_id
    AND number IS NOT NULL;

-- name: stored_lines
SELECT
    event_id::text AS event_id, finding_type, rate::numeric AS rate, event_count::bigint,
    recovered_amount, gain_share_amount
FROM lines
WHERE invoice_id = :invoice_id
ORDER BY finding_type, rate, event_id;

-- name: invoice_origin
-- Whose an invoice is, and which request made it; a platform may keep no key.
SELECT tenant_id::text AS tenant_id, idempotency_key FROM invoices WHERE id = :invoice_id;

-- name: invoice_life
-- Where an invoice stands in its life.
SELECT
    number, status, event_count::bigint, gain_share_amount, created_at::timestamptz,
    issued_at::timestamptz, paid_at::timestamptz
FROM invoices
WHERE tenant_id = :tenant_id AND id = :invoice_id;

-- name: claimed_events
-- The events that say they are billed by an invoice, whosever they are.
SELECT id::text AS id, tenant_id::text AS tenant_id, key, billed
FROM events
WHERE invoice_id = :invoice_id
ORDER BY id;

-- name: events_by_id
-- Whose some events are, what people call them, and which invoice bills them.
SELECT
    id::text AS id, tenant_id::text AS tenant_id, key, billed, invoice_id::text AS invoice_id
FROM events
WHERE id = ANY(:ids::event_id[])
ORDER BY id;

-- name: first_free_day
-- The first day after everything that the tenant could be, or has been, billed for.
SELECT (greatest(
    (SELECT max(occurred_at)::timestamptz FROM events WHERE tenant_id = :tenant_id),
    (SELECT max(period_end)::timestamptz FROM invoices WHERE tenant_id = :tenant_id)
) AT TIME ZONE 'UTC')::date AS day;
