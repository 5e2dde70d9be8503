-- The keys under which invoices were asked for are in a table of their own.

-- name: build
CREATE SCHEMA varied;
CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, created_at, issued_at, paid_at
FROM app.billing_invoices;

CREATE VIEW varied.idempotency_keys AS
SELECT idempotency_key AS key, id AS invoice_id
FROM app.billing_invoices
WHERE idempotency_key IS NOT NULL;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, asked.key AS idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice
LEFT JOIN varied.idempotency_keys AS asked ON asked.invoice_id = invoice.id;

-- fault: S2.1 keys are kept otherwise than they came
-- name: build
CREATE OR REPLACE VIEW varied.idempotency_keys AS
SELECT upper(idempotency_key) AS key, id AS invoice_id
FROM app.billing_invoices
WHERE idempotency_key IS NOT NULL;
