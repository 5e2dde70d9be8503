-- An event counts until it is deleted, at an instant.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, occurred_at, billed_at,
    invoice_id, CASE WHEN NOT billable OR category <> 'RECOVERED' THEN created_at END AS deleted_at
FROM app.value_events;

CREATE FUNCTION varied.mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events SET billable = (NEW.deleted_at IS NULL) WHERE id = OLD.id;
    RETURN NEW;
END $$;
CREATE TRIGGER mark INSTEAD OF UPDATE ON varied.events
FOR EACH ROW EXECUTE FUNCTION varied.mark();

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at, (event.deleted_at IS NULL) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- name: spoil_event
UPDATE varied.events SET deleted_at = now() WHERE id = :id AND tenant_id = :tenant_id;

-- name: restore_event
UPDATE varied.events SET deleted_at = NULL WHERE id = :id AND tenant_id = :tenant_id;

-- fault: M.1 deleted events count
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at, true AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;
