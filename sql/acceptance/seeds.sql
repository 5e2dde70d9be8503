-- name: any_unbilled(tenant_id, period_start, period_end)$
-- Whether the period has something to bill at all, found without counting it.
SELECT EXISTS (
    SELECT FROM app.value_events
    WHERE tenant_id = :tenant_id
        AND category = 'RECOVERED'
        AND billable
        AND billed_at IS NULL
        AND occurred_at >= :period_start
        AND occurred_at < :period_end
);

-- name: known_events(tenant_id, period_start, period_end)^
-- Tells whether an event arrived since; one that was billed or altered meanwhile did not.
SELECT count(*) AS event_count, sum(uuid_hash_extended(id, 0)) AS digest
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND occurred_at >= :period_start
    AND occurred_at < :period_end;

-- name: has_other_events(tenant_id, period_start, period_end, seed_ids, invoice_ids)$
-- Whether an invoice of the period would bill, or an invoice of the run has billed, what is no seed.
SELECT EXISTS (
    SELECT FROM app.value_events
    WHERE tenant_id = :tenant_id
        AND category = 'RECOVERED'
        AND billable
        AND (billed_at IS NULL OR invoice_id = ANY(:invoice_ids::uuid[]))
        AND occurred_at >= :period_start
        AND occurred_at < :period_end
        AND NOT id = ANY(:seed_ids::uuid[])
);

-- name: currencies_of_terms(tenant_id, period_start)
-- The currencies that the tenant can be billed in when the period begins, or later.
SELECT DISTINCT currency
FROM app.gain_share_terms
WHERE tenant_id = :tenant_id
    AND (valid_to IS NULL OR valid_to > (:period_start::timestamptz AT TIME ZONE 'UTC')::date)
ORDER BY currency;

-- name: insert_seed(id, tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type, reason_code, idempotency_key, billable, billed_at, occurred_at, created_at)!
-- The columns, and no others, that the runbook writes.
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id,
    finding_type, reason_code, idempotency_key, billable, billed_at, occurred_at, created_at
)
VALUES (
    :id, :tenant_id, :category, :amount, :currency, :source_entity_type, :source_entity_id,
    :finding_type, :reason_code, :idempotency_key, :billable, :billed_at, :occurred_at, :created_at
);

-- name: stored_seeds(ids)
-- Seeds as the table keeps them, in the columns that were written.
SELECT
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id,
    finding_type, reason_code, idempotency_key, billable, billed_at, occurred_at, created_at
FROM app.value_events
WHERE id = ANY(:ids::uuid[])
ORDER BY idempotency_key;

-- name: seed_keys(tenant_id)
-- Every dry-run event of the tenant, whoever made it. A prefix, not a pattern: "_" means itself.
SELECT idempotency_key
FROM app.value_events
WHERE tenant_id = :tenant_id AND starts_with(idempotency_key, 'dryrun-')
ORDER BY idempotency_key;
