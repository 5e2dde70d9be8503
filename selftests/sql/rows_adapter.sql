-- name: uuid_of
-- The reference platform's id of something that the varied platform calls otherwise.
SELECT uuid::text AS uuid FROM varied.ids WHERE kind = :kind AND id = :id;

-- name: id_of
SELECT id FROM varied.ids WHERE kind = :kind AND uuid = :uuid::uuid;

-- name: items_of
-- The lines of an invoice, one an event.
SELECT
    item.event_id::text AS event_id, event.finding_type, item.share AS rate,
    item.recovered AS recovered_amount, item.fee AS gain_share_amount
FROM varied.items AS item
JOIN varied.events AS event ON event.id = item.event_id
WHERE item.invoice_id = :invoice_id::uuid;

-- name: void
-- Its events are billable again; the invoice stays on record.
UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE invoice_id = :invoice_id::uuid;

UPDATE app.billing_invoices SET status = 'VOID' WHERE id = :invoice_id::uuid;
