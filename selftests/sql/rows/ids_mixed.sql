-- Tenants have uuids, events numbers, and invoices texts.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
ALTER TABLE app.value_events ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY (START 2001);

CREATE VIEW varied.ids AS
SELECT 'tenant' AS kind, id::text AS id, id AS uuid FROM app.tenants
UNION ALL
SELECT 'event', number::text, id FROM app.value_events
UNION ALL
SELECT 'invoice', concat('inv_', id), id FROM app.billing_invoices;

-- name: events
SELECT
    event.number AS id, event.tenant_id, event.idempotency_key AS key, event.amount,
    event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, 'inv_' || event.invoice_id AS invoice_id,
    hash_record_extended(event, 0) AS digest
FROM app.value_events AS event;

-- name: invoices
SELECT
    concat('inv_', invoice.id) AS id, invoice.tenant_id, invoice.invoice_number AS number,
    invoice.status, invoice.currency, invoice.period_start, invoice.period_end,
    invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
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
    gen_random_uuid(), :tenant_id, 'RECOVERED', :amount, :currency, :source_entity_type,
    :source_entity_id, :finding_type, :reason_code, :key, true, NULL, :occurred_at, :created_at
)
RETURNING number;

-- name: planted_events
SELECT
    number AS id, tenant_id, amount, currency, finding_type, idempotency_key AS key, occurred_at
FROM app.value_events
WHERE number = ANY(:ids::bigint[]);

-- name: spoil_event
UPDATE app.value_events SET billable = false WHERE number = :id AND tenant_id = :tenant_id;

-- name: restore_event
UPDATE app.value_events SET billable = true WHERE number = :id AND tenant_id = :tenant_id;

-- name: remove_events
DELETE FROM app.value_events
WHERE number = ANY(:ids::bigint[])
    AND tenant_id = :tenant_id
    AND starts_with(idempotency_key, 'dryrun-');

-- name: remove_invoices
UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE tenant_id = :tenant_id AND concat('inv_', invoice_id) = ANY(:ids::text[]);

DELETE FROM app.billing_invoice_lines WHERE concat('inv_', invoice_id) = ANY(:ids::text[]);

DELETE FROM app.billing_invoices
WHERE concat('inv_', id) = ANY(:ids::text[]) AND tenant_id = :tenant_id;

-- fault: S4.4 which invoice an event is on is told by another id than the invoice has
-- name: events
SELECT
    event.number AS id, event.tenant_id, event.idempotency_key AS key, event.amount,
    event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id::text AS invoice_id,
    hash_record_extended(event, 0) AS digest
FROM app.value_events AS event;
