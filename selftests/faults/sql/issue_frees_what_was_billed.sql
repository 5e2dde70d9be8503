-- Issuing an invoice frees the events of the one before it, to be billed again.
-- stands for: getlago/lago-api/pull/5916, an event billed twice
-- checks: S4.4
-- says: app.value_events * is changed, and is no row of the run
-- tenant: billed_before
CREATE FUNCTION app.issue_frees_what_was_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status <> NEW.status THEN
        UPDATE app.value_events SET billed_at = NULL, invoice_id = NULL
        WHERE tenant_id = NEW.tenant_id AND invoice_id <> NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER issue_frees_what_was_billed AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.issue_frees_what_was_billed();
