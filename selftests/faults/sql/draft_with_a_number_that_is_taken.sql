-- The draft has the number of an invoice that the tenant already has.
-- stands for: Paymenter/Paymenter/pull/1244, duplicate numbers by read, increment, write
-- checks: S2.1
-- says: INV-000001 is the number of another invoice
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_number_is_unique;
CREATE FUNCTION app.draft_with_a_number_that_is_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.invoice_number = 'INV-000001';
    RETURN NEW;
END $$;
CREATE TRIGGER draft_with_a_number_that_is_taken BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_with_a_number_that_is_taken();
