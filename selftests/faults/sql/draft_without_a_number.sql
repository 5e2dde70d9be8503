-- The draft has no number.
-- stands for: the rule that an invoice is told by its number
-- checks: S2.1
-- says: number ''
CREATE FUNCTION app.draft_without_a_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.invoice_number = '';
    RETURN NEW;
END $$;
CREATE TRIGGER draft_without_a_number BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_without_a_number();
