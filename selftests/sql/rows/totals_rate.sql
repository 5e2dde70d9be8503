-- The rate stands on the invoice, in percent, and on no line.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.invoices AS
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number, invoice.status, invoice.currency,
    (
        SELECT max(rate) * 100 FROM app.billing_invoice_lines WHERE invoice_id = invoice.id
    ) AS percent,
    invoice.period_start, invoice.period_end, invoice.event_count, invoice.recovered_amount,
    invoice.gain_share_amount, invoice.idempotency_key, invoice.created_at, invoice.issued_at,
    invoice.paid_at
FROM app.billing_invoices AS invoice;

CREATE VIEW varied.items AS
SELECT id, invoice_id, finding_type, event_count, recovered_amount, gain_share_amount
FROM app.billing_invoice_lines;

-- name: lines
SELECT
    item.id, item.invoice_id, item.finding_type, invoice.percent * 0.01 AS rate, item.event_count,
    item.recovered_amount, item.gain_share_amount, hash_record_extended(item, 0) AS digest
FROM varied.items AS item
JOIN varied.invoices AS invoice ON invoice.id = item.invoice_id;

-- fault: S2.2 percent are read as a share
-- name: lines
SELECT
    item.id, item.invoice_id, item.finding_type, invoice.percent AS rate, item.event_count,
    item.recovered_amount, item.gain_share_amount, hash_record_extended(item, 0) AS digest
FROM varied.items AS item
JOIN varied.invoices AS invoice ON invoice.id = item.invoice_id;
