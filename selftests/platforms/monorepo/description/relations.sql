-- The monorepo's tables, as the gate reads them, and what a guest may write there.
-- Every relation has its rows' digest: a hash of the whole row, by which any change shows.

-- name: tenants
SELECT
    customer.id,
    customer.name,
    CASE WHEN customer.deleted_at IS NULL THEN 'live' ELSE 'deleted' END AS status,
    hash_record_extended(customer, 0) AS digest
FROM payback.customers AS customer;

-- name: events
-- A recovery has its customer's currency, and is billed once it is claimed; a claim changes it too.
SELECT
    recovery.id,
    recovery.customer_id AS tenant_id,
    recovery.dedup_key AS key,
    recovery.amount,
    customer.currency,
    recovery.kind AS finding_type,
    recovery.happened_at AT TIME ZONE 'UTC' AS occurred_at,
    (recovery.state = 'CONFIRMED') AS billable,
    (claim.recovery_id IS NOT NULL) AS billed,
    claim.invoice_id,
    hash_record_extended(row(recovery, claim), 0) AS digest
FROM payback.recoveries AS recovery
JOIN payback.customers AS customer ON customer.id = recovery.customer_id
LEFT JOIN payback.claims AS claim ON claim.recovery_id = recovery.id;

-- name: terms
-- One share for everything, from the day that there is a contract.
SELECT
    customer.id,
    customer.id AS tenant_id,
    NULL::text AS finding_type,
    customer.currency,
    customer.share AS rate,
    '-infinity'::timestamptz AS valid_from,
    NULL::timestamptz AS valid_to,
    hash_record_extended(customer, 0) AS digest
FROM payback.customers AS customer
WHERE customer.share IS NOT NULL;

-- name: invoices
SELECT
    invoice.id,
    invoice.customer_id AS tenant_id,
    invoice.number,
    invoice.state AS status,
    customer.currency,
    invoice.starts_at AT TIME ZONE 'UTC' AS period_start,
    invoice.ends_at AT TIME ZONE 'UTC' AS period_end,
    invoice.fee AS gain_share_amount,
    request.key AS idempotency_key,
    invoice.opened_at AT TIME ZONE 'UTC' AS created_at,
    invoice.finalized_at AT TIME ZONE 'UTC' AS issued_at,
    invoice.settled_at AT TIME ZONE 'UTC' AS paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM payback.invoices AS invoice
JOIN payback.customers AS customer ON customer.id = invoice.customer_id
LEFT JOIN payback.request_keys AS request ON request.invoice_id = invoice.id;

-- name: plant_event
-- A seed in the customer's own currency, for there is no other; answers its id.
INSERT INTO payback.recoveries (
    customer_id, state, kind, amount, dedup_key, source_type, source_id, reason, happened_at,
    recorded_at
)
SELECT
    customer.id, 'CONFIRMED', :finding_type, :amount, :key, :source_entity_type,
    :source_entity_id::text, :reason_code, :occurred_at::timestamptz AT TIME ZONE 'UTC',
    :created_at::timestamptz AT TIME ZONE 'UTC'
FROM payback.customers AS customer
WHERE customer.id = :tenant_id AND customer.currency = :currency
RETURNING id;

-- name: planted_events
-- Seeds as the table keeps them, each column under the name of the value it was planted with.
SELECT
    recovery.id,
    recovery.customer_id AS tenant_id,
    recovery.amount,
    customer.currency,
    recovery.source_type AS source_entity_type,
    recovery.source_id::uuid AS source_entity_id,
    recovery.kind AS finding_type,
    recovery.reason AS reason_code,
    recovery.dedup_key AS key,
    recovery.happened_at AT TIME ZONE 'UTC' AS occurred_at,
    recovery.recorded_at AT TIME ZONE 'UTC' AS created_at
FROM payback.recoveries AS recovery
JOIN payback.customers AS customer ON customer.id = recovery.customer_id
WHERE recovery.id = ANY(:ids::text[]);

-- name: spoil_event
-- For a moment, a seed is none that may be billed.
UPDATE payback.recoveries SET state = 'REJECTED' WHERE id = :id AND customer_id = :tenant_id;

-- name: restore_event
UPDATE payback.recoveries SET state = 'CONFIRMED' WHERE id = :id AND customer_id = :tenant_id;

-- name: decoy_pending
UPDATE payback.recoveries SET state = 'PENDING' WHERE id = :id AND customer_id = :tenant_id;

-- name: remove_events
-- A seed goes only if id, customer and prefix agree that it is one.
DELETE FROM payback.recoveries
WHERE id = ANY(:ids::text[])
    AND customer_id = :tenant_id
    AND starts_with(dedup_key, 'dryrun-');

-- name: remove_invoices
-- What they claimed can be billed again; their keys go with them.
DELETE FROM payback.claims AS claim
USING payback.invoices AS invoice
WHERE invoice.id = claim.invoice_id
    AND invoice.id = ANY(:ids::text[])
    AND invoice.customer_id = :tenant_id;

DELETE FROM payback.invoices WHERE id = ANY(:ids::text[]) AND customer_id = :tenant_id;
