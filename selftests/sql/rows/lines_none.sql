-- An invoice has no lines: an amount alone.

-- name: lines

-- fault: S2.2 the amount is a cent more than what is answered
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount + 0.01 AS gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM app.billing_invoices AS invoice;
