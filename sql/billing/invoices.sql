-- name: tenant_status(tenant_id)$
-- The tenant's status, or nothing where there is no such tenant.
SELECT status::text FROM app.tenants WHERE id = :tenant_id;

-- name: lock_tenant(tenant_id)$
-- Held to the end of the transaction: a tenant's drafts and final numbers are made one at a time.
SELECT id FROM app.tenants WHERE id = :tenant_id FOR NO KEY UPDATE;

-- name: overlapping_invoice(tenant_id, period_start, period_end)^
-- The first invoice of the tenant that bills an instant of the period, or is about to.
SELECT invoice_number, status, period_start, period_end
FROM app.billing_invoices
WHERE tenant_id = :tenant_id
    AND status IN ('DRAFT', 'ISSUED', 'PAID')
    AND tstzrange(period_start, period_end) && tstzrange(:period_start, :period_end)
ORDER BY period_start
LIMIT 1;

-- name: lock_idempotency_key(idempotency_key)$
-- Held to the end of the transaction: of two creations with one key, the second sees the first's.
SELECT pg_advisory_xact_lock(hashtextextended('billing draft ' || :idempotency_key, 0));

-- name: made_with_key(idempotency_key)^
-- What the key made. Kept from removal meanwhile; after a removal the key is free again.
SELECT id, tenant_id, period_start, period_end
FROM app.billing_invoices
WHERE idempotency_key = :idempotency_key
FOR KEY SHARE;

-- name: insert_draft(invoice_id, tenant_id, invoice_number, currency, period_start, period_end, event_count, recovered_amount, gain_share_amount, brought_forward, carried_forward, events_digest, idempotency_key)!
INSERT INTO app.billing_invoices (
    id, tenant_id, invoice_number, status, currency, period_start, period_end,
    event_count, recovered_amount, gain_share_amount, brought_forward, carried_forward,
    events_digest, idempotency_key
)
VALUES (
    :invoice_id, :tenant_id, :invoice_number, 'DRAFT', :currency, :period_start, :period_end,
    :event_count, :recovered_amount, :gain_share_amount, :brought_forward, :carried_forward,
    :events_digest, :idempotency_key
);

-- name: insert_lines(invoice_id, finding_types, rates, event_counts, recovered_amounts, gain_share_amounts)!
-- All lines of a draft at once, from parallel arrays.
INSERT INTO app.billing_invoice_lines (
    invoice_id, finding_type, rate, event_count, recovered_amount, gain_share_amount
)
SELECT :invoice_id, line.*
FROM unnest(
    :finding_types::text[],
    :rates::numeric[],
    :event_counts::bigint[],
    :recovered_amounts::numeric[],
    :gain_share_amounts::numeric[]
) AS line;

-- name: find_invoice(invoice_id, tenant_id)^
-- Another tenant's invoice is not found, exactly as one that never was.
SELECT
    id, tenant_id, invoice_number::text AS invoice_number, status::text AS status,
    currency::text AS currency, period_start, period_end, event_count, recovered_amount,
    gain_share_amount, brought_forward, carried_forward, events_digest, created_at, issued_at, paid_at
FROM app.billing_invoices
WHERE id = :invoice_id AND tenant_id = :tenant_id;

-- name: lock_invoice(invoice_id, tenant_id)$
-- Held to the end of the transaction: of two transitions at once, the second sees the first's result.
SELECT id FROM app.billing_invoices
WHERE id = :invoice_id AND tenant_id = :tenant_id
FOR UPDATE;

-- name: invoice_lines(invoice_id)
SELECT finding_type, rate, event_count, recovered_amount, gain_share_amount
FROM app.billing_invoice_lines
WHERE invoice_id = :invoice_id
ORDER BY finding_type, rate;

-- name: delete_lines(invoice_id)!
DELETE FROM app.billing_invoice_lines WHERE invoice_id = :invoice_id;

-- name: delete_draft(invoice_id, tenant_id)!
DELETE FROM app.billing_invoices
WHERE id = :invoice_id AND tenant_id = :tenant_id AND status = 'DRAFT';

-- name: claim_events(invoice_id, tenant_id, period_start, period_end, billed_at)!
-- Marks the period's unbilled events as billed by this invoice.
UPDATE app.value_events
SET billed_at = :billed_at, invoice_id = :invoice_id
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :period_start
    AND occurred_at < :period_end;

-- name: last_final_number(tenant_id)$
-- The highest given out, 0 before the first: no counter to drift, and no gap after a refusal.
SELECT coalesce(max(substr(invoice_number, 5)::bigint), 0)
FROM app.billing_invoices
WHERE tenant_id = :tenant_id AND invoice_number ~ '^INV-[0-9]+$';

-- name: clock()$
-- The database's clock, not the transaction's start: two transitions of one transaction differ.
SELECT clock_timestamp();

-- name: mark_issued(invoice_id, invoice_number, issued_at)!
UPDATE app.billing_invoices
SET status = 'ISSUED', invoice_number = :invoice_number, issued_at = :issued_at
WHERE id = :invoice_id;

-- name: mark_paid(invoice_id)!
UPDATE app.billing_invoices
SET status = 'PAID', paid_at = clock_timestamp()
WHERE id = :invoice_id;

-- name: minor_digits(currency)$
-- How many decimals the currency's amounts are written with, at the least.
SELECT minor_digits FROM app.currencies WHERE code = :currency;
