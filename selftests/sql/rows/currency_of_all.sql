-- Everything is in one currency, and no table says so.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, finding_type, occurred_at, category, billable,
    billed_at, invoice_id
FROM app.value_events;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, 'USD'::text AS currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- fault: S1.5 it is written as no standard writes it
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, 'usd'::text AS currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;
