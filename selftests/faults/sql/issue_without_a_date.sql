-- An issued invoice does not say when it was issued.
-- stands for: the rule that every step of an invoice's life has its date
-- checks: S4.2, S4.4
-- says: issued at None
-- tenant: empty
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_matches_times;
CREATE FUNCTION app.issue_without_a_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        NEW.issued_at = NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER issue_without_a_date BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.issue_without_a_date();
