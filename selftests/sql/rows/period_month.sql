-- A period is a month, written as a text.

-- name: build
CREATE SCHEMA varied;
CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, to_char(period_start AT TIME ZONE 'UTC', 'YYYY-MM') AS month,
    event_count, recovered_amount, gain_share_amount, idempotency_key, created_at, issued_at,
    paid_at
FROM app.billing_invoices;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, to_date(invoice.month, 'YYYY-MM') AS period_start,
    to_date(invoice.month, 'YYYY-MM') + interval '1 month' AS period_end,
    invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- fault: S2.1 a month is read as thirty days
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, to_date(invoice.month, 'YYYY-MM') AS period_start,
    to_date(invoice.month, 'YYYY-MM') + interval '30 days' AS period_end,
    invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;
