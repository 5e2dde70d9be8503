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

-- name: delete_seeds(tenant_id, ids)!
-- A seed goes only if id, tenant and prefix agree that it is one.
DELETE FROM app.value_events
WHERE id = ANY(:ids::uuid[])
    AND tenant_id = :tenant_id
    AND starts_with(idempotency_key, 'dryrun-');

-- name: seed_keys(tenant_id)
-- Every dry-run event of the tenant, whoever made it. A prefix, not a pattern: "_" means itself.
SELECT idempotency_key
FROM app.value_events
WHERE tenant_id = :tenant_id AND starts_with(idempotency_key, 'dryrun-')
ORDER BY idempotency_key;
