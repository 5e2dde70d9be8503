-- name: insert_tenant(tenant_id, name, slug)!
-- A tenant of the gate's own: in a rehearsal's database, or in a transaction that is rolled back.
INSERT INTO app.tenants (id, name, slug, status)
VALUES (:tenant_id, :name, :slug, 'active');

-- name: insert_terms(tenant_ids, finding_types, currencies, rates, valid_froms, valid_tos)!
INSERT INTO app.gain_share_terms (tenant_id, finding_type, currency, rate, valid_from, valid_to)
SELECT terms.*
FROM unnest(
    :tenant_ids::uuid[],
    :finding_types::text[],
    :currencies::text[],
    :rates::numeric[],
    :valid_froms::date[],
    :valid_tos::date[]
) AS terms;

-- name: insert_events(tenant_ids, categories, amounts, currencies, finding_types, billables, occurred_ats)!
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, billed_at, occurred_at, created_at
)
SELECT
    gen_random_uuid(), event.tenant_id, event.category, event.amount, event.currency,
    'SHIP_FINDING', gen_random_uuid(), event.finding_type, 'DRY_RUN',
    concat('dryrun-scratch-', gen_random_uuid()), event.billable, NULL, event.occurred_at,
    event.occurred_at
FROM unnest(
    :tenant_ids::uuid[],
    :categories::text[],
    :amounts::numeric[],
    :currencies::text[],
    :finding_types::text[],
    :billables::boolean[],
    :occurred_ats::timestamptz[]
) AS event (tenant_id, category, amount, currency, finding_type, billable, occurred_at);
