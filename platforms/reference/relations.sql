-- The reference platform's tables, as the gate reads them, and what a guest may write there.
-- Every relation has its rows' digest: a hash of the whole row, by which any change shows.

-- name: tenants
SELECT tenant.id, tenant.name, tenant.slug, tenant.status, hash_record_extended(tenant, 0) AS digest
FROM app.tenants AS tenant;

-- name: events
-- Whether an event may be billed is told as the partial index knows it.
SELECT
    event.id,
    event.tenant_id,
    event.idempotency_key AS key,
    event.amount,
    event.currency,
    event.finding_type,
    event.source_entity_id AS entity,
    event.occurred_at,
    event.created_at,
    event.category,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed,
    event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM app.value_events AS event;

-- name: terms
SELECT
    terms.id, terms.tenant_id, terms.finding_type, terms.currency, terms.rate,
    terms.valid_from, terms.valid_to, hash_record_extended(terms, 0) AS digest
FROM app.gain_share_terms AS terms;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM app.billing_invoices AS invoice;

-- name: lines
SELECT
    line.id, line.invoice_id, line.finding_type, line.rate, line.event_count,
    line.recovered_amount, line.gain_share_amount, hash_record_extended(line, 0) AS digest
FROM app.billing_invoice_lines AS line;

-- name: agreed
-- Where a tenant has no row, nothing was agreed, and the rules of the description hold.
SELECT
    agreement.tenant_id, agreement.begins, agreement.cap_per_event, agreement.cap_per_invoice,
    agreement.cap_per_contract_year, agreement.minimum_per_invoice, agreement.negative_total,
    agreement.rate_at, agreement.rounding_mode, agreement.rounding_each, agreement.rounding_digits
FROM app.gain_share_agreements AS agreement;

-- name: tiers
SELECT
    terms.id AS terms_id, scale.filled_by AS tiers_of, scale.begins, tier.above, tier.up_to, tier.rate
FROM app.gain_share_terms AS terms
JOIN app.gain_share_scales AS scale ON scale.id = terms.scale_id
JOIN app.gain_share_tiers AS tier ON tier.scale_id = scale.id;

-- name: plant_event
-- A seed, in the columns that the runbook writes and no others; answers its id.
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id,
    finding_type, reason_code, idempotency_key, billable, billed_at, occurred_at, created_at
)
VALUES (
    gen_random_uuid(), :tenant_id, 'RECOVERED', :amount, :currency, :source_entity_type,
    :source_entity_id, :finding_type, :reason_code, :key, true, NULL, :occurred_at, :created_at
)
RETURNING id;

-- name: planted_events
-- Seeds as the table keeps them, each column under the name of the value it was planted with.
SELECT
    id, tenant_id, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key AS key, occurred_at, created_at
FROM app.value_events
WHERE id = ANY(:ids::uuid[]);

-- name: spoil_event
-- For a moment, a seed is none that may be billed.
UPDATE app.value_events SET billable = false WHERE id = :id AND tenant_id = :tenant_id;

-- name: restore_event
UPDATE app.value_events SET billable = true WHERE id = :id AND tenant_id = :tenant_id;

-- name: decoy_category
-- What was found, and not recovered yet.
UPDATE app.value_events SET category = 'IDENTIFIED' WHERE id = :id AND tenant_id = :tenant_id;

-- name: remove_events
-- A seed goes only if id, tenant and prefix agree that it is one.
DELETE FROM app.value_events
WHERE id = ANY(:ids::uuid[])
    AND tenant_id = :tenant_id
    AND starts_with(idempotency_key, 'dryrun-');

-- name: remove_invoices
-- An event that came meanwhile and was billed by an invoice of the run is billable again; lines may
-- outlive their invoice, and those of another tenant's invoice are never touched.
UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE tenant_id = :tenant_id AND invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoice_lines AS line
WHERE line.invoice_id = ANY(:ids::uuid[])
    AND NOT EXISTS (
        SELECT FROM app.billing_invoices AS invoice
        WHERE invoice.id = line.invoice_id AND invoice.tenant_id <> :tenant_id
    );

DELETE FROM app.billing_invoices WHERE id = ANY(:ids::uuid[]) AND tenant_id = :tenant_id;

-- name: scratch_tenant
-- A tenant of the gate's own: in a rehearsal's database, or in a transaction that is rolled back.
INSERT INTO app.tenants (id, name, slug, status)
VALUES (:tenant_id, :name, :slug, 'active');

-- name: scratch_terms
-- A word becomes whatever the table keeps it as: a record is read as JSON is.
INSERT INTO app.gain_share_terms (tenant_id, finding_type, currency, rate, valid_from, valid_to)
SELECT
    kept.tenant_id, kept.finding_type, kept.currency, kept.rate, kept.valid_from, kept.valid_to
FROM unnest(
    :tenant_ids::uuid[],
    :finding_types::text[],
    :currencies::text[],
    :rates::numeric[],
    :valid_froms::date[],
    :valid_tos::date[]
) AS terms (tenant_id, finding_type, currency, rate, valid_from, valid_to),
    jsonb_populate_record(NULL::app.gain_share_terms, to_jsonb(terms)) AS kept;

-- name: scratch_invoices
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

-- name: scratch_events
-- An event with an invoice was billed the moment it occurred; each is about something of its own, or
-- about what there is, where that must exist.
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, billed_at, invoice_id, occurred_at, created_at
)
SELECT
    gen_random_uuid(), kept.tenant_id, kept.category, kept.amount, kept.currency, 'SHIP_FINDING',
    coalesce(kept.source_entity_id, gen_random_uuid()), kept.finding_type, 'DRY_RUN',
    concat('dryrun-scratch-', gen_random_uuid()), kept.billable,
    CASE WHEN kept.invoice_id IS NOT NULL THEN kept.occurred_at END, kept.invoice_id,
    kept.occurred_at, kept.created_at
FROM unnest(
    :tenant_ids::uuid[],
    :categories::text[],
    :amounts::numeric[],
    :currencies::text[],
    :finding_types::text[],
    :billables::boolean[],
    :invoice_ids::uuid[],
    :occurred_ats::timestamptz[],
    :created_ats::timestamptz[],
    :source_entity_ids::text[]
) AS event (
    tenant_id, category, amount, currency, finding_type, billable, invoice_id, occurred_at,
    created_at, source_entity_id
),
    jsonb_populate_record(NULL::app.value_events, to_jsonb(event)) AS kept;
