-- A period that was paid may be billed again: corrections come later. It was paid in part before.

-- name: build
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_is_known;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_never_overlap;
INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest, issued_at
)
SELECT
    id, 'INV-000001', 'SETTLED', 'USD', '2026-02-01Z', '2026-03-01Z', 1, 4, 1, 0, '2026-03-01Z'
FROM app.tenants
WHERE status = 'active';
