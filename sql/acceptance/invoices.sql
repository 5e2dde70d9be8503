-- name: overlapping_invoices(tenant_id, period_start, period_end)
-- What already bills, or is about to bill, an instant of the period.
SELECT id, invoice_number, status, period_start, period_end
FROM app.billing_invoices
WHERE tenant_id = :tenant_id
    AND status IN ('DRAFT', 'ISSUED', 'PAID')
    AND period_start < :period_end
    AND period_end > :period_start
ORDER BY period_start, invoice_number;

-- name: stored_invoices(tenant_id, known_ids)
-- The tenant's invoices beside those already known: what a run has made.
SELECT
    id, tenant_id, invoice_number, status, currency, period_start, period_end,
    event_count, recovered_amount, gain_share_amount
FROM app.billing_invoices
WHERE tenant_id = :tenant_id AND NOT id = ANY(:known_ids::uuid[])
ORDER BY created_at, id;

-- name: invoice_ids(tenant_id)
SELECT id FROM app.billing_invoices WHERE tenant_id = :tenant_id;

-- name: invoices_of_others(tenant_id)^
-- Everybody else's invoices, boiled down: a run on one tenant must not touch them.
SELECT count(*) AS invoice_count, coalesce(sum(hash_record_extended(invoice, 0)), 0) AS digest
FROM app.billing_invoices AS invoice
WHERE invoice.tenant_id <> :tenant_id;

-- name: other_numbers(tenant_id, invoice_id)
-- What the tenant's other invoices are called.
SELECT invoice_number
FROM app.billing_invoices
WHERE tenant_id = :tenant_id AND id <> :invoice_id;

-- name: stored_lines(invoice_id)
SELECT finding_type, rate, event_count, recovered_amount, gain_share_amount
FROM app.billing_invoice_lines
WHERE invoice_id = :invoice_id
ORDER BY finding_type, rate;

-- name: invoice_origin(invoice_id)^
-- Whose an invoice is, and which request made it; a platform may keep no key.
SELECT tenant_id, idempotency_key FROM app.billing_invoices WHERE id = :invoice_id;

-- name: invoice_life(tenant_id, invoice_id)^
-- Where an invoice stands in its life.
SELECT
    invoice_number, status, event_count, gain_share_amount, created_at, issued_at, paid_at
FROM app.billing_invoices
WHERE tenant_id = :tenant_id AND id = :invoice_id;

-- name: claimed_events(invoice_id)
-- The events that say they are billed by an invoice, whosever they are.
SELECT id, tenant_id, billed_at FROM app.value_events WHERE invoice_id = :invoice_id ORDER BY id;

-- name: first_free_day(tenant_id)$
-- The first day after everything that the tenant could be, or has been, billed for.
SELECT (greatest(
    (SELECT max(occurred_at) FROM app.value_events WHERE tenant_id = :tenant_id),
    (SELECT max(period_end) FROM app.billing_invoices WHERE tenant_id = :tenant_id)
) AT TIME ZONE 'UTC')::date;
