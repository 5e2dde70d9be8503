-- name: find_residue(tenant_ids, run)
-- What runs of the gate left, told by keys that nothing else makes; of one run only where it is given.
-- A draft that was kept on request, or that the platform withdrew and keeps on record, is none.
SELECT tenant_id, 'event' AS kind, id::text AS identity, idempotency_key AS name
FROM app.value_events
WHERE tenant_id = ANY(:tenant_ids::uuid[])
    AND starts_with(idempotency_key, 'dryrun-')
    AND idempotency_key ~ '^dryrun-[0-9]{4}-[0-9]{2}-p9a-[0-9a-f]{8}-[0-9]{3}$'
    AND coalesce(split_part(idempotency_key, '-', 5) = :run, true)
UNION ALL
SELECT tenant_id, 'invoice', idempotency_key, invoice_number
FROM app.billing_invoices
WHERE tenant_id = ANY(:tenant_ids::uuid[])
    AND idempotency_key ~ concat('^p9a-[0-9a-f]{8}-', tenant_id, '-(draft|first|rival|lifecycle|second)(-[0-9]+)?$')
    AND coalesce(split_part(idempotency_key, '-', 2) = :run, true)
    AND status NOT IN ('CANCELLED', 'CANCELED', 'VOID', 'VOIDED')
ORDER BY tenant_id, kind, name;

-- name: delete_seeds(tenant_id, ids)!
-- A seed goes only if id, tenant and prefix agree that it is one.
DELETE FROM app.value_events
WHERE id = ANY(:ids::uuid[])
    AND tenant_id = :tenant_id
    AND starts_with(idempotency_key, 'dryrun-');

-- name: release_events(tenant_id, ids, keys)!
-- An event that came meanwhile and was billed by an invoice of the run is billable again.
UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE tenant_id = :tenant_id
    AND invoice_id IN (
        SELECT id
        FROM app.billing_invoices
        WHERE tenant_id = :tenant_id
            AND (
                idempotency_key = ANY(:keys::text[])
                OR id = ANY(:ids::uuid[]) AND idempotency_key IS NULL
            )
    );

-- name: delete_lines(tenant_id, ids, keys)!
-- Lines may outlive their invoice; those of another tenant's invoice are never touched.
DELETE FROM app.billing_invoice_lines AS line
WHERE line.invoice_id IN (
        SELECT id
        FROM app.billing_invoices
        WHERE tenant_id = :tenant_id
            AND (
                idempotency_key = ANY(:keys::text[])
                OR id = ANY(:ids::uuid[]) AND idempotency_key IS NULL
            )
    )
    OR line.invoice_id = ANY(:ids::uuid[]) AND NOT EXISTS (
        SELECT FROM app.billing_invoices AS invoice WHERE invoice.id = line.invoice_id
    );

-- name: delete_invoices(tenant_id, ids, keys)!
-- By the key it was asked for under, for the answer may never have arrived; by the answered id only
-- where the platform stored no key: an answer may name somebody else's invoice.
DELETE FROM app.billing_invoices
WHERE tenant_id = :tenant_id
    AND (
        idempotency_key = ANY(:keys::text[])
        OR id = ANY(:ids::uuid[]) AND idempotency_key IS NULL
    );
