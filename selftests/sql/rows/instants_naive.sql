-- Instants have no zone, and are meant in UTC. The keys under which invoices were asked for are in a
-- table of their own.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, category, billable, invoice_id,
    occurred_at AT TIME ZONE 'UTC' AS occurred_at, billed_at AT TIME ZONE 'UTC' AS billed_at
FROM app.value_events;

CREATE VIEW varied.terms AS
SELECT
    id, tenant_id, finding_type, currency, rate, starts_at AT TIME ZONE 'UTC' AS since,
    nullif(ends_at, 'infinity') AT TIME ZONE 'UTC' AS until
FROM app.gain_share_terms;

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, event_count, recovered_amount,
    gain_share_amount, period_start AT TIME ZONE 'UTC' AS period_start,
    period_end AT TIME ZONE 'UTC' AS period_end, created_at AT TIME ZONE 'UTC' AS created_at,
    issued_at AT TIME ZONE 'UTC' AS issued_at, paid_at AT TIME ZONE 'UTC' AS paid_at
FROM app.billing_invoices;

CREATE VIEW varied.idempotency_keys AS
SELECT idempotency_key AS key, id AS invoice_id
FROM app.billing_invoices
WHERE idempotency_key IS NOT NULL;

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
    terms.id, terms.tenant_id, terms.finding_type, terms.currency, terms.rate,
    terms.since AS valid_from, terms.until AS valid_to, hash_record_extended(terms, 0) AS digest
FROM varied.terms AS terms;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, asked.key AS idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice
LEFT JOIN varied.idempotency_keys AS asked ON asked.invoice_id = invoice.id;

-- name: planted_events
SELECT id, tenant_id, amount, currency, finding_type, idempotency_key AS key, occurred_at
FROM varied.events
WHERE id = ANY(:ids::uuid[]);

-- fault: S3.1 they are in another zone than is said
-- name: build
CREATE OR REPLACE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, category, billable, invoice_id,
    occurred_at AT TIME ZONE 'Asia/Tokyo' AS occurred_at,
    billed_at AT TIME ZONE 'Asia/Tokyo' AS billed_at
FROM app.value_events;

-- fault: S2.1 the periods of invoices are in another zone than is said
-- name: build
CREATE OR REPLACE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, event_count, recovered_amount,
    gain_share_amount, period_start AT TIME ZONE 'Europe/Berlin' AS period_start,
    period_end AT TIME ZONE 'Europe/Berlin' AS period_end,
    created_at AT TIME ZONE 'UTC' AS created_at, issued_at AT TIME ZONE 'UTC' AS issued_at,
    paid_at AT TIME ZONE 'UTC' AS paid_at
FROM app.billing_invoices;

-- fault: M.1 events are read in a zone whose day is another
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at AT TIME ZONE 'America/Toronto' AS occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;
