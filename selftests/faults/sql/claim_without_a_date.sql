-- The events of an issued invoice name it, but do not say that they are billed.
-- stands for: frappe/central/pull/170, made anew what was made already
-- checks: S4.4
-- says: 0 of 3 seeds claimed
-- tenant: empty
ALTER TABLE app.value_events DROP CONSTRAINT value_events_billed_with_invoice;
CREATE FUNCTION app.claim_without_a_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events SET billed_at = NULL WHERE invoice_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER claim_without_a_date AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.claim_without_a_date();
