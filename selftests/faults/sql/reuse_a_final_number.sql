-- An issued invoice gets the number of the tenant's invoice before.
-- stands for: Paymenter/Paymenter/pull/1244, duplicate numbers by read, increment, write
-- checks: S4.4
-- says: INV-000001 is the number of another invoice
-- tenant: billed_before
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_number_is_unique;
CREATE FUNCTION app.reuse_a_final_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        NEW.invoice_number = 'INV-000001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reuse_a_final_number BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.reuse_a_final_number();
