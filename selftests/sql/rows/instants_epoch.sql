-- Instants are milliseconds since 1970. Of its totals an invoice has the fee alone.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE FUNCTION varied.milliseconds(instant timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$ SELECT floor(extract(epoch FROM instant) * 1000)::bigint $$;

CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, category, billable, invoice_id,
    varied.milliseconds(occurred_at) AS occurred_ms, varied.milliseconds(billed_at) AS billed_ms
FROM app.value_events;

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, gain_share_amount, idempotency_key,
    varied.milliseconds(period_start) AS start_ms,
    varied.milliseconds(period_end) AS end_ms, varied.milliseconds(created_at) AS created_ms,
    varied.milliseconds(issued_at) AS issued_ms, varied.milliseconds(paid_at) AS paid_ms
FROM app.billing_invoices;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type,
    timestamptz 'epoch' + event.occurred_ms * interval '1 millisecond' AS occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_ms IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency,
    timestamptz 'epoch' + invoice.start_ms * interval '1 millisecond' AS period_start,
    timestamptz 'epoch' + invoice.end_ms * interval '1 millisecond' AS period_end,
    invoice.gain_share_amount, invoice.idempotency_key,
    timestamptz 'epoch' + invoice.created_ms * interval '1 millisecond' AS created_at,
    timestamptz 'epoch' + invoice.issued_ms * interval '1 millisecond' AS issued_at,
    timestamptz 'epoch' + invoice.paid_ms * interval '1 millisecond' AS paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- fault: S3.2 milliseconds are read as seconds
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, to_timestamp(event.occurred_ms) AS occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_ms IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- fault: S2.2 the fee is kept without its cents
-- name: build
CREATE OR REPLACE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, trunc(gain_share_amount) AS gain_share_amount,
    idempotency_key, varied.milliseconds(period_start) AS start_ms,
    varied.milliseconds(period_end) AS end_ms, varied.milliseconds(created_at) AS created_ms,
    varied.milliseconds(issued_at) AS issued_ms, varied.milliseconds(paid_at) AS paid_ms
FROM app.billing_invoices;
