-- A draft marks its events as billed, and lets go of them when it is cancelled.

-- name: build
CREATE FUNCTION app.claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events
    SET billed_at = clock_timestamp(), invoice_id = NEW.id
    WHERE tenant_id = NEW.tenant_id
        AND category = 'RECOVERED'
        AND billable
        AND billed_at IS NULL
        AND occurred_at >= NEW.period_start
        AND occurred_at < NEW.period_end;
    RETURN NULL;
END $$;
CREATE TRIGGER claim AFTER INSERT ON app.billing_invoices
FOR EACH ROW WHEN (NEW.status = 'DRAFT') EXECUTE FUNCTION app.claim();

CREATE FUNCTION app.let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events SET billed_at = NULL, invoice_id = NULL WHERE invoice_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER let_go BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.let_go();

-- fault: S2.3 one event of a draft that is cancelled stays marked
-- name: build
ALTER TABLE app.value_events DROP CONSTRAINT value_events_invoice_exists;
CREATE OR REPLACE FUNCTION app.let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events
    SET billed_at = NULL, invoice_id = NULL
    WHERE invoice_id = OLD.id AND finding_type <> 'DUPLICATE_CHARGE';
    RETURN OLD;
END $$;
