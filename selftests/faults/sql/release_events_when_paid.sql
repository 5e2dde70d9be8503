-- The events of an invoice that is paid can be billed again.
-- stands for: getlago/lago-api/pull/5916, an event billed twice
-- checks: S4.4
-- says: 0 of 3 seeds claimed
-- tenant: empty
CREATE FUNCTION app.release_events_when_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        UPDATE app.value_events SET billed_at = NULL, invoice_id = NULL WHERE invoice_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER release_events_when_paid AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.release_events_when_paid();
