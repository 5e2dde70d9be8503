-- Amounts are of the type money, which no hash function takes. An invoice has no number until it is
-- issued.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount::money AS amount, currency, finding_type, occurred_at,
    category, billable, billed_at, invoice_id
FROM app.value_events;

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, CASE WHEN status <> 'DRAFT' THEN invoice_number END AS number, status, currency,
    period_start, period_end, event_count,
    recovered_amount::money AS recovered, gain_share_amount::money AS total, idempotency_key,
    created_at, issued_at, paid_at
FROM app.billing_invoices;

CREATE VIEW varied.items AS
SELECT
    id, invoice_id, finding_type, rate, event_count, recovered_amount::money AS recovered,
    gain_share_amount::money AS fee
FROM app.billing_invoice_lines;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount::numeric AS amount,
    event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hashtextextended(event::text, 0) AS digest
FROM varied.events AS event;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.number, invoice.status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered::numeric AS recovered_amount, invoice.total::numeric AS gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hashtextextended(invoice::text, 0) AS digest
FROM varied.invoices AS invoice;

-- name: lines
SELECT
    item.id, item.invoice_id, item.finding_type, item.rate, item.event_count,
    item.recovered::numeric AS recovered_amount, item.fee::numeric AS gain_share_amount,
    hashtextextended(item::text, 0) AS digest
FROM varied.items AS item;

-- fault: S1.4 they are read as cents
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount::numeric / 100 AS amount,
    event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hashtextextended(event::text, 0) AS digest
FROM varied.events AS event;

-- fault: S2.1 a draft has a number all the same
-- name: build
CREATE OR REPLACE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number AS number, status, currency, period_start, period_end,
    event_count, recovered_amount::money AS recovered, gain_share_amount::money AS total,
    idempotency_key, created_at, issued_at, paid_at
FROM app.billing_invoices;

-- fault: S4.4 an issued invoice has none
-- name: build
CREATE OR REPLACE VIEW varied.invoices AS
SELECT
    id, tenant_id, NULL::text AS number, status, currency, period_start, period_end, event_count,
    recovered_amount::money AS recovered, gain_share_amount::money AS total, idempotency_key,
    created_at, issued_at, paid_at
FROM app.billing_invoices;
