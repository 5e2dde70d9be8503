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

-- name: insert_issued_invoices(invoice_ids, tenant_ids, period_starts, period_ends, currency)!
-- What an event that was billed already points to: invoices of a tenant's past, without lines.
INSERT INTO app.billing_invoices (
    id, tenant_id, invoice_number, status, currency, period_start, period_end,
    event_count, recovered_amount, gain_share_amount, events_digest, issued_at
)
SELECT
    invoice.id, invoice.tenant_id, 'INV-000001', 'ISSUED', :currency, invoice.period_start,
    invoice.period_end, 1, 0, 0, 0, invoice.period_end
FROM unnest(
    :invoice_ids::uuid[],
    :tenant_ids::uuid[],
    :period_starts::timestamptz[],
    :period_ends::timestamptz[]
) AS invoice (id, tenant_id, period_start, period_end);

-- name: insert_events(tenant_ids, categories, amounts, currencies, finding_types, billables, invoice_ids, occurred_ats, created_ats)!
-- An event with an invoice was billed the moment it occurred.
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, billed_at, invoice_id, occurred_at, created_at
)
SELECT
    gen_random_uuid(), event.tenant_id, event.category, event.amount, event.currency,
    'SHIP_FINDING', gen_random_uuid(), event.finding_type, 'DRY_RUN',
    concat('dryrun-scratch-', gen_random_uuid()), event.billable,
    CASE WHEN event.invoice_id IS NOT NULL THEN event.occurred_at END, event.invoice_id,
    event.occurred_at, event.created_at
FROM unnest(
    :tenant_ids::uuid[],
    :categories::text[],
    :amounts::numeric[],
    :currencies::text[],
    :finding_types::text[],
    :billables::boolean[],
    :invoice_ids::uuid[],
    :occurred_ats::timestamptz[],
    :created_ats::timestamptz[]
) AS event (
    tenant_id, category, amount, currency, finding_type, billable, invoice_id, occurred_at,
    created_at
);
