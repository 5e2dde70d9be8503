-- That an event is billed is told by a table of claims, at issue.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, occurred_at, category,
    billable
FROM app.value_events;

CREATE VIEW varied.claims AS
SELECT id AS event_id, invoice_id, billed_at AS claimed_at
FROM app.value_events
WHERE invoice_id IS NOT NULL;

-- name: events
-- A claim that comes or goes changes the event.
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (claim.event_id IS NOT NULL) AS billed, claim.invoice_id,
    hash_record_extended(ROW(event, claim), 0) AS digest
FROM varied.events AS event
LEFT JOIN varied.claims AS claim ON claim.event_id = event.id;

-- fault: S4.4 claims are not read
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable, false AS billed,
    NULL::uuid AS invoice_id, hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- fault: M.1 claims are read at any event but their own
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    EXISTS (SELECT FROM varied.claims AS claim WHERE claim.event_id <> event.id) AS billed,
    NULL::uuid AS invoice_id, hash_record_extended(event, 0) AS digest
FROM varied.events AS event;
