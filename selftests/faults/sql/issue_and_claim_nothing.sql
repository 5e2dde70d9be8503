-- An issued invoice lets go of its events, so that they can be billed again.
-- stands for: dust-tt/dust/pull/28358, customers double-billed after invoices were cleaned
-- checks: S4.4
-- says: 0 of 3 seeds claimed
-- tenant: empty
CREATE FUNCTION app.issue_and_claim_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events SET billed_at = NULL, invoice_id = NULL WHERE invoice_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER issue_and_claim_nothing AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.issue_and_claim_nothing();
