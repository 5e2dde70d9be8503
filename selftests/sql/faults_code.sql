-- name: unbilled_events(tenant_id, period_start, period_end)
-- What a draft of the period would bill, event by event.
SELECT
    currency, finding_type, rate, amount, fee, uuid_hash_extended(id, 0)::numeric AS events_digest
FROM app.priced_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :period_start
    AND occurred_at < :period_end
ORDER BY currency, finding_type, rate;

-- name: claimed_events(invoice_id)
-- What an invoice has claimed, event by event.
SELECT
    currency, finding_type, rate, amount, fee, uuid_hash_extended(id, 0)::numeric AS events_digest
FROM app.priced_events
WHERE invoice_id = :invoice_id
ORDER BY currency, finding_type, rate;

-- name: owner(invoice_id)$
-- Whose an invoice is.
SELECT tenant_id::text FROM app.billing_invoices WHERE id = :invoice_id;

-- name: invoices_of(tenant_id, status)
-- The tenant's invoices of a status, the oldest period first.
SELECT id::text AS id, invoice_number FROM app.billing_invoices
WHERE tenant_id = :tenant_id AND status = :status
ORDER BY period_start;

-- name: drafts_of_others(tenant_id)
-- Other tenants' drafts.
SELECT id::text AS id, tenant_id::text AS tenant_id FROM app.billing_invoices
WHERE tenant_id <> :tenant_id AND status = 'DRAFT';

-- name: release(invoice_id)!
-- Takes back what an invoice has claimed.
UPDATE app.value_events SET billed_at = NULL, invoice_id = NULL WHERE invoice_id = :invoice_id;

-- name: alter_what_was_billed(tenant_id, invoice_id, seconds)!
-- Moves the instant at which the tenant's other invoices have claimed their events.
UPDATE app.value_events SET billed_at = billed_at + :seconds * interval '1 second'
WHERE tenant_id = :tenant_id AND invoice_id <> :invoice_id;

-- name: release_one(invoice_id)!
-- Takes back one event of those that an invoice has claimed.
UPDATE app.value_events SET billed_at = NULL, invoice_id = NULL
WHERE id = (SELECT id FROM app.value_events WHERE invoice_id = :invoice_id ORDER BY id LIMIT 1);

-- name: claim_of_others(invoice_id, tenant_id)!
-- Claims whatever other tenants have to bill.
UPDATE app.value_events SET billed_at = clock_timestamp(), invoice_id = :invoice_id
WHERE tenant_id <> :tenant_id AND billable AND invoice_id IS NULL;

-- name: set_number(invoice_id, invoice_number)!
UPDATE app.billing_invoices SET invoice_number = :invoice_number WHERE id = :invoice_id;

-- name: date_back(invoice_id)!
-- As a server does whose clock is an hour late.
UPDATE app.billing_invoices SET issued_at = issued_at - interval '1 hour' WHERE id = :invoice_id;

-- name: back_to_draft(invoice_id)!
UPDATE app.billing_invoices SET status = 'DRAFT', issued_at = NULL WHERE id = :invoice_id;

-- name: back_to_issued(invoice_id)!
UPDATE app.billing_invoices SET status = 'ISSUED', paid_at = NULL WHERE id = :invoice_id;

-- name: mark_as_looked_at(tenant_id)!
UPDATE app.value_events SET reason_code = 'LOOKED_AT' WHERE tenant_id = :tenant_id;

-- name: take_the_lock()!
-- A lock of these tests, until the transaction ends; the number is the name.
SELECT pg_advisory_xact_lock(9009);
