-- name: find_residue
-- What runs of the gate left, told by keys that nothing else makes; of one run only where it is given.
-- Where a platform keeps no keys, an invoice is known by billing nothing but seeds. A draft that was kept
-- on request, or that the platform withdrew and keeps on record, is none.
SELECT tenant_id::text AS tenant_id, 'event' AS kind, id::text AS identity, key AS name
FROM events
WHERE tenant_id = ANY(:tenant_ids::tenant_id[])
    AND starts_with(key, 'dryrun-')
    AND key ~ '^dryrun-[0-9]{4}-[0-9]{2}-p9a-[0-9a-f]{8}-[0-9]{3}$'
    AND coalesce(split_part(key, '-', 5) = :run, true)
UNION ALL
SELECT tenant_id::text, 'key', idempotency_key, coalesce(number, concat('of key ', idempotency_key))
FROM invoices
WHERE tenant_id = ANY(:tenant_ids::tenant_id[])
    AND idempotency_key ~ '^p9a-[0-9a-f]{8}-'
    AND starts_with(substr(idempotency_key, 14), concat(tenant_id, '-'))
    AND substr(idempotency_key, 15 + length(tenant_id::text))
        ~ '^(draft|first|rival|lifecycle|second|void|trap)(-[0-9]+)?$'
    AND coalesce(split_part(idempotency_key, '-', 2) = :run, true)
    AND (status = ANY(:withdrawn::text[])) IS NOT TRUE
UNION
SELECT
    billed.tenant_id::text, 'invoice', billed.invoice_id::text,
    concat('of event ', min(billed.key), ', id ', billed.invoice_id)
FROM (
    SELECT event.tenant_id, event.key, event.invoice_id
    FROM events AS event
    WHERE event.tenant_id = ANY(:tenant_ids::tenant_id[]) AND starts_with(event.key, 'dryrun-')
    UNION ALL
    SELECT event.tenant_id, event.key, line.invoice_id
    FROM lines AS line
    JOIN events AS event ON event.id = line.event_id
    WHERE event.tenant_id = ANY(:tenant_ids::tenant_id[]) AND starts_with(event.key, 'dryrun-')
) AS billed
JOIN invoices AS invoice ON invoice.id = billed.invoice_id AND invoice.tenant_id = billed.tenant_id
WHERE billed.key ~ '^dryrun-[0-9]{4}-[0-9]{2}-p9a-[0-9a-f]{8}-[0-9]{3}$'
    AND coalesce(split_part(billed.key, '-', 5) = :run, true)
    AND (invoice.idempotency_key ~ '^p9a-[0-9a-f]{8}-') IS NOT TRUE
    AND NOT EXISTS (
        SELECT FROM events AS other
        WHERE other.invoice_id = billed.invoice_id
            AND other.tenant_id = billed.tenant_id
            AND NOT starts_with(other.key, 'dryrun-')
    )
    AND NOT EXISTS (
        SELECT FROM lines AS line
        JOIN events AS other ON other.id = line.event_id
        WHERE line.invoice_id = billed.invoice_id AND NOT starts_with(other.key, 'dryrun-')
    )
GROUP BY billed.tenant_id, billed.invoice_id
ORDER BY tenant_id, kind, name;

-- name: every_tenant
-- Where runs may have left something: a tenant may have been suspended since.
SELECT id::text AS id FROM tenants ORDER BY id;

-- name: invoices_since
-- The tenant's invoices beside those already known, with what tells whose they are.
SELECT
    id::text AS id, number, idempotency_key, period_start::timestamptz, period_end::timestamptz
FROM invoices
WHERE tenant_id = :tenant_id AND NOT id = ANY(:known_ids::invoice_id[])
ORDER BY created_at, id;

-- name: removable_events
-- A seed goes only if id, tenant and prefix agree that it is one.
SELECT id::text AS id
FROM events
WHERE id = ANY(:ids::event_id[])
    AND tenant_id = :tenant_id
    AND starts_with(key, 'dryrun-');

-- name: removable_invoices
-- By the key it was asked for under, for the answer may never have arrived; by an id that was answered,
-- and found to be new and the tenant's, unless a key of another request of the gate's stands there.
-- Where neither key nor answer is there, an invoice is the run's that bills nothing but seeds, some of
-- them its own. Lines may outlive their invoice, so that an id whose invoice is gone counts too.
SELECT id::text AS id
FROM invoices
WHERE tenant_id = :tenant_id
    AND (
        idempotency_key = ANY(:keys::text[])
        OR id = ANY(:ids::invoice_id[])
            AND (idempotency_key ~ '^p9a-[0-9a-f]{8}-') IS NOT TRUE
    )
UNION
SELECT billed.invoice_id::text
FROM (
    SELECT event.invoice_id FROM events AS event
    WHERE event.id = ANY(:seeds::event_id[]) AND event.tenant_id = :tenant_id
    UNION
    SELECT line.invoice_id FROM lines AS line WHERE line.event_id = ANY(:seeds::event_id[])
) AS billed
JOIN invoices AS invoice ON invoice.id = billed.invoice_id AND invoice.tenant_id = :tenant_id
WHERE (invoice.idempotency_key ~ '^p9a-[0-9a-f]{8}-') IS NOT TRUE
    AND NOT EXISTS (
        SELECT FROM events AS other
        WHERE other.invoice_id = billed.invoice_id
            AND other.tenant_id = :tenant_id
            AND NOT starts_with(other.key, 'dryrun-')
    )
    AND NOT EXISTS (
        SELECT FROM lines AS line
        JOIN events AS other ON other.id = line.event_id
        WHERE line.invoice_id = billed.invoice_id AND NOT starts_with(other.key, 'dryrun-')
    )
UNION
SELECT invoice_id::text
FROM lines AS line
WHERE line.invoice_id = ANY(:ids::invoice_id[])
    AND NOT EXISTS (SELECT FROM invoices AS invoice WHERE invoice.id = line.invoice_id);
