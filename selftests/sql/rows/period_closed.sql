-- A period is two dates, the last of them its last day.

-- name: build
CREATE SCHEMA varied;
CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, period_start::date AS first_day, period_end::date - 1 AS last_day,
    event_count, recovered_amount, gain_share_amount, idempotency_key, created_at, issued_at,
    paid_at
FROM app.billing_invoices;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.first_day AS period_start,
    invoice.last_day + 1 AS period_end,
    invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- fault: S2.1 the last day is read as the day after
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.first_day AS period_start,
    invoice.last_day AS period_end,
    invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;
