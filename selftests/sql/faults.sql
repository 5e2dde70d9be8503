-- name: add_what_is_not_billed(tenant_id)!
-- Events of February that are not billable, of another category, or billed on an invoice of January
-- that was issued in March.
WITH invoice AS (
    INSERT INTO app.billing_invoices (
        tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
        recovered_amount, gain_share_amount, events_digest, issued_at
    )
    VALUES (
        :tenant_id, 'INV-000001', 'ISSUED', 'USD', '2026-01-01T00:00Z', '2026-01-31T00:00Z', 1,
        900, 225, 0, '2026-03-02T00:00Z'
    )
    RETURNING id
)
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at, billed_at, invoice_id
)
SELECT
    :tenant_id, event.category, event.amount, 'USD', 'SHIP_FINDING', gen_random_uuid(),
    'DUPLICATE_CHARGE', 'AUDIT', concat('audit-', gen_random_uuid()), event.billable,
    '2026-02-10T12:00Z', CASE WHEN event.billed THEN '2026-03-02T00:00Z'::timestamptz END,
    CASE WHEN event.billed THEN invoice.id END
FROM invoice
CROSS JOIN (
    VALUES
        ('RECOVERED', 700.00, false, false),
        ('IDENTIFIED', 800.00, true, false),
        ('RECOVERED', 900.00, true, true)
) AS event (category, amount, billable, billed);

-- name: add_what_was_billed(tenant_id)!
-- An invoice of January that was issued in February and is not paid, and the event that it bills.
WITH invoice AS (
    INSERT INTO app.billing_invoices (
        tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
        recovered_amount, gain_share_amount, events_digest, created_at, issued_at
    )
    VALUES (
        :tenant_id, 'INV-000001', 'ISSUED', 'USD', '2026-01-01T00:00Z', '2026-02-01T00:00Z', 1,
        900, 225, 0, '2026-02-01T00:00Z', '2026-02-02T00:00Z'
    )
    RETURNING id, issued_at
)
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at, billed_at, invoice_id
)
SELECT
    :tenant_id, 'RECOVERED', 900, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE',
    'AUDIT', concat('audit-', gen_random_uuid()), true, '2026-01-10T12:00Z', invoice.issued_at,
    invoice.id
FROM invoice;

-- name: make_events_organic()!
-- Events of generated tenants are marked as a dry run's; a tenant's own are not.
UPDATE app.value_events
SET idempotency_key = replace(idempotency_key, 'dryrun-', 'audit-'), reason_code = 'AUDIT'
WHERE starts_with(idempotency_key, 'dryrun-scratch-');

-- name: set_validity(tenant_id, valid_from, valid_to)!
-- Dates as text: Python has none for some of them.
UPDATE app.gain_share_terms
SET valid_from = (:valid_from)::text::date, valid_to = (:valid_to)::text::date
WHERE tenant_id = :tenant_id AND finding_type IS NULL;
