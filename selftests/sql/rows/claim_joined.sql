-- Events are claimed by a draft already, in a table that joins them to it.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, occurred_at, category,
    billable
FROM app.value_events;

CREATE TABLE varied.invoice_events (
    invoice_id uuid NOT NULL REFERENCES app.billing_invoices (id) ON DELETE CASCADE,
    event_id uuid PRIMARY KEY REFERENCES app.value_events (id)
);

CREATE FUNCTION varied.join_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO varied.invoice_events
    SELECT NEW.id, id
    FROM app.priced_events
    WHERE tenant_id = NEW.tenant_id
        AND category = 'RECOVERED'
        AND billable
        AND billed_at IS NULL
        AND occurred_at >= NEW.period_start
        AND occurred_at < NEW.period_end;
    RETURN NULL;
END $$;
CREATE TRIGGER join_events AFTER INSERT ON app.billing_invoices
FOR EACH ROW WHEN (NEW.status = 'DRAFT') EXECUTE FUNCTION varied.join_events();

CREATE FUNCTION varied.join_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO varied.invoice_events VALUES (NEW.invoice_id, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER join_billed AFTER INSERT ON app.value_events
FOR EACH ROW WHEN (NEW.invoice_id IS NOT NULL) EXECUTE FUNCTION varied.join_billed();

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (joined.event_id IS NOT NULL) AS billed, joined.invoice_id,
    hash_record_extended(ROW(event, joined), 0) AS digest
FROM varied.events AS event
LEFT JOIN varied.invoice_events AS joined ON joined.event_id = event.id;

-- name: remove_invoices
DELETE FROM varied.invoice_events WHERE invoice_id = ANY(:ids::uuid[]);

UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE tenant_id = :tenant_id AND invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoice_lines WHERE invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoices WHERE id = ANY(:ids::uuid[]) AND tenant_id = :tenant_id;

-- fault: S2.3 a draft that is cancelled keeps its events
-- name: build
CREATE OR REPLACE FUNCTION varied.join_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO varied.invoice_events
    SELECT NEW.id, id FROM app.value_events WHERE tenant_id = NEW.tenant_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
ALTER TABLE varied.invoice_events
    DROP CONSTRAINT invoice_events_invoice_id_fkey,
    DROP CONSTRAINT invoice_events_event_id_fkey;
