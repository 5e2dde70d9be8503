-- Tenants, events and invoices have numbers for ids; who calls the platform uses them too.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
ALTER TABLE app.tenants ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY (START 1001);
ALTER TABLE app.value_events ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY (START 2001);
ALTER TABLE app.billing_invoices ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY (START 3001);

CREATE VIEW varied.ids AS
SELECT 'tenant' AS kind, number::text AS id, id AS uuid FROM app.tenants
UNION ALL
SELECT 'event', number::text, id FROM app.value_events
UNION ALL
SELECT 'invoice', number::text, id FROM app.billing_invoices;

CREATE VIEW varied.events AS
SELECT
    event.number AS id, tenant.number AS tenant_id, invoice.number AS invoice_id, event.amount,
    event.currency, event.idempotency_key, event.finding_type, event.occurred_at, event.category,
    event.billable, event.billed_at
FROM app.value_events AS event
JOIN app.tenants AS tenant ON tenant.id = event.tenant_id
LEFT JOIN app.billing_invoices AS invoice ON invoice.id = event.invoice_id;

-- name: tenants
SELECT
    tenant.number AS id, tenant.name, tenant.slug, tenant.status,
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
    terms.id, tenant.number AS tenant_id, terms.finding_type, terms.currency, terms.rate,
    terms.valid_from, terms.valid_to, hash_record_extended(terms, 0) AS digest
FROM app.gain_share_terms AS terms
JOIN app.tenants AS tenant ON tenant.id = terms.tenant_id;

-- name: agreed
SELECT
    tenant.number AS tenant_id, agreement.cap_per_event, agreement.minimum_per_invoice
FROM app.gain_share_agreements AS agreement
JOIN app.tenants AS tenant ON tenant.id = agreement.tenant_id;

-- name: invoices
SELECT
    invoice.number AS id, tenant.number AS tenant_id, invoice.invoice_number AS number,
    invoice.status, invoice.currency, invoice.period_start, invoice.period_end,
    invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM app.billing_invoices AS invoice
JOIN app.tenants AS tenant ON tenant.id = invoice.tenant_id;

-- name: lines
SELECT
    line.id, invoice.number AS invoice_id, line.finding_type, line.rate, line.event_count,
    line.recovered_amount, line.gain_share_amount, hash_record_extended(line, 0) AS digest
FROM app.billing_invoice_lines AS line
JOIN app.billing_invoices AS invoice ON invoice.id = line.invoice_id;

-- name: plant_event
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id,
    finding_type, reason_code, idempotency_key, billable, billed_at, occurred_at, created_at
)
SELECT
    gen_random_uuid(), id, 'RECOVERED', :amount, :currency, :source_entity_type,
    :source_entity_id, :finding_type, :reason_code, :key, true, NULL, :occurred_at, :created_at
FROM app.tenants
WHERE number = :tenant_id
RETURNING number;

-- name: planted_events
SELECT id, tenant_id, amount, currency, finding_type, idempotency_key AS key, occurred_at
FROM varied.events
WHERE id = ANY(:ids::bigint[]);

-- name: spoil_event
UPDATE app.value_events SET billable = false WHERE number = :id;

-- name: restore_event
UPDATE app.value_events SET billable = true WHERE number = :id;

-- name: remove_events
DELETE FROM app.value_events
USING app.tenants AS tenant
WHERE value_events.number = ANY(:ids::bigint[])
    AND tenant.id = value_events.tenant_id
    AND tenant.number = :tenant_id
    AND starts_with(idempotency_key, 'dryrun-');

-- name: remove_invoices
UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE invoice_id IN (SELECT id FROM app.billing_invoices WHERE number = ANY(:ids::bigint[]));

DELETE FROM app.billing_invoice_lines
WHERE invoice_id IN (SELECT id FROM app.billing_invoices WHERE number = ANY(:ids::bigint[]));

DELETE FROM app.billing_invoices
USING app.tenants AS tenant
WHERE billing_invoices.number = ANY(:ids::bigint[])
    AND tenant.id = billing_invoices.tenant_id
    AND tenant.number = :tenant_id;

-- fault: S2.1 an answer names an invoice by the number of another table
-- name: build
CREATE OR REPLACE VIEW varied.ids AS
SELECT 'tenant' AS kind, number::text AS id, id AS uuid FROM app.tenants
UNION ALL
SELECT 'event', number::text, id FROM app.value_events
UNION ALL
SELECT 'invoice', (number - 1000)::text, id FROM app.billing_invoices;
