-- Ids are texts that say what they are of.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;

CREATE VIEW varied.ids AS
SELECT 'tenant' AS kind, concat('org_', id) AS id, id AS uuid FROM app.tenants
UNION ALL
SELECT 'event', concat('evt_', id), id FROM app.value_events
UNION ALL
SELECT 'invoice', concat('inv_', id), id FROM app.billing_invoices;

CREATE VIEW varied.events AS
SELECT
    concat('evt_', id) AS id, concat('org_', tenant_id) AS tenant_id,
    'inv_' || invoice_id AS invoice_id, amount, currency, idempotency_key, finding_type,
    occurred_at, category, billable, billed_at
FROM app.value_events;

-- name: tenants
SELECT
    concat('org_', tenant.id) AS id, tenant.name, tenant.slug, tenant.status,
    hash_record_extended(tenant, 0) AS digest
FROM app.tenants AS tenant;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- name: terms
SELECT
    terms.id, concat('org_', terms.tenant_id) AS tenant_id, terms.finding_type, terms.currency,
    terms.rate, terms.valid_from, terms.valid_to, hash_record_extended(terms, 0) AS digest
FROM app.gain_share_terms AS terms;

-- name: agreed
SELECT
    concat('org_', agreement.tenant_id) AS tenant_id, agreement.cap_per_event,
    agreement.minimum_per_invoice
FROM app.gain_share_agreements AS agreement;

-- name: invoices
SELECT
    concat('inv_', invoice.id) AS id, concat('org_', invoice.tenant_id) AS tenant_id,
    invoice.invoice_number AS number, invoice.status, invoice.currency, invoice.period_start,
    invoice.period_end, invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM app.billing_invoices AS invoice;

-- name: lines
SELECT
    line.id, concat('inv_', line.invoice_id) AS invoice_id, line.finding_type, line.rate,
    line.event_count, line.recovered_amount, line.gain_share_amount,
    hash_record_extended(line, 0) AS digest
FROM app.billing_invoice_lines AS line;

-- name: plant_event
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id,
    finding_type, reason_code, idempotency_key, billable, billed_at, occurred_at, created_at
)
VALUES (
    gen_random_uuid(), substr(:tenant_id, 5)::uuid, 'RECOVERED', :amount, :currency,
    :source_entity_type, :source_entity_id, :finding_type, :reason_code, :key, true, NULL,
    :occurred_at, :created_at
)
RETURNING concat('evt_', id);

-- name: planted_events
SELECT id, tenant_id, amount, currency, finding_type, idempotency_key AS key, occurred_at
FROM varied.events
WHERE id = ANY(:ids::text[]);

-- name: spoil_event
UPDATE app.value_events SET billable = false WHERE concat('evt_', id) = :id;

-- name: restore_event
UPDATE app.value_events SET billable = true WHERE concat('evt_', id) = :id;

-- name: remove_events
DELETE FROM app.value_events
WHERE concat('evt_', id) = ANY(:ids::text[])
    AND concat('org_', tenant_id) = :tenant_id
    AND starts_with(idempotency_key, 'dryrun-');

-- name: remove_invoices
UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE concat('inv_', invoice_id) = ANY(:ids::text[]);

DELETE FROM app.billing_invoice_lines WHERE concat('inv_', invoice_id) = ANY(:ids::text[]);

DELETE FROM app.billing_invoices
WHERE concat('inv_', id) = ANY(:ids::text[]) AND concat('org_', tenant_id) = :tenant_id;

-- fault: S2.1 an answer names the invoice without what its table puts before
-- name: build
CREATE OR REPLACE VIEW varied.ids AS
SELECT 'tenant' AS kind, concat('org_', id) AS id, id AS uuid FROM app.tenants
UNION ALL
SELECT 'event', concat('evt_', id), id FROM app.value_events
UNION ALL
SELECT 'invoice', id::text, id FROM app.billing_invoices;
