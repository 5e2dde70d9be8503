-- Amounts are double precision: written out, they are the shortest number that is the same. Nobody
-- keeps the key under which an invoice was asked for.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount::double precision AS amount, currency, finding_type,
    occurred_at, category, billable, billed_at, invoice_id
FROM app.value_events;

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount::double precision AS recovered,
    gain_share_amount::double precision AS total, created_at, issued_at, paid_at
FROM app.billing_invoices;

CREATE VIEW varied.items AS
SELECT
    id, invoice_id, finding_type, rate, event_count,
    recovered_amount::double precision AS recovered,
    gain_share_amount::double precision AS fee
FROM app.billing_invoice_lines;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount::text::numeric AS amount,
    event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered::text::numeric AS recovered_amount,
    invoice.total::text::numeric AS gain_share_amount, invoice.created_at,
    invoice.issued_at, invoice.paid_at, hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- name: lines
SELECT
    item.id, item.invoice_id, item.finding_type, item.rate, item.event_count,
    item.recovered::text::numeric AS recovered_amount, item.fee::text::numeric AS gain_share_amount,
    hash_record_extended(item, 0) AS digest
FROM varied.items AS item;

-- fault: S1.4 what is behind the point is lost
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key,
    event.amount::bigint::numeric AS amount, event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;
