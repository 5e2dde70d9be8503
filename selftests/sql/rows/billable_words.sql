-- What becomes of an event is one word.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.findings AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, occurred_at, invoice_id,
    CASE
        WHEN invoice_id IS NOT NULL THEN 'invoiced'
        WHEN category = 'RECOVERED' AND billable THEN 'approved'
        WHEN category = 'RECOVERED' THEN 'waived'
        ELSE 'open'
    END AS state
FROM app.value_events;

CREATE FUNCTION varied.move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events SET billable = (NEW.state = 'approved') WHERE id = OLD.id;
    RETURN NEW;
END $$;
CREATE TRIGGER move INSTEAD OF UPDATE ON varied.findings
FOR EACH ROW EXECUTE FUNCTION varied.move();

-- name: events
SELECT
    finding.id, finding.tenant_id, finding.idempotency_key AS key, finding.amount,
    finding.currency, finding.finding_type, finding.occurred_at,
    (finding.state IN ('approved', 'invoiced')) AS billable, (finding.state = 'invoiced') AS billed,
    finding.invoice_id, hash_record_extended(finding, 0) AS digest
FROM varied.findings AS finding;

-- name: spoil_event
UPDATE varied.findings SET state = 'waived' WHERE id = :id AND tenant_id = :tenant_id;

-- name: restore_event
UPDATE varied.findings SET state = 'approved' WHERE id = :id AND tenant_id = :tenant_id;

-- fault: M.1 what was waived is read as billable
-- name: events
SELECT
    finding.id, finding.tenant_id, finding.idempotency_key AS key, finding.amount,
    finding.currency, finding.finding_type, finding.occurred_at,
    (finding.state IN ('approved', 'waived', 'invoiced')) AS billable,
    (finding.state = 'invoiced') AS billed, finding.invoice_id,
    hash_record_extended(finding, 0) AS digest
FROM varied.findings AS finding;

-- fault: S4.4 what was invoiced is not read as billed
-- name: events
SELECT
    finding.id, finding.tenant_id, finding.idempotency_key AS key, finding.amount,
    finding.currency, finding.finding_type, finding.occurred_at,
    (finding.state IN ('approved', 'invoiced')) AS billable, false AS billed,
    finding.invoice_id, hash_record_extended(finding, 0) AS digest
FROM varied.findings AS finding;
