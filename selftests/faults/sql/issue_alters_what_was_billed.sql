-- Issuing an invoice moves the day on which events of an earlier one were billed.
-- stands for: the rule that what was billed stays as it was billed
-- checks: S4.4
-- says: app.value_events * is changed, and is no row of the run
-- tenant: billed_before
CREATE FUNCTION app.issue_alters_what_was_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status <> NEW.status THEN
        UPDATE app.value_events SET billed_at = billed_at + interval '1 day'
        WHERE tenant_id = NEW.tenant_id AND invoice_id <> NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER issue_alters_what_was_billed AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.issue_alters_what_was_billed();
