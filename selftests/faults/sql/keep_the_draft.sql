-- Taking a draft back says yes and leaves it, lines and all.
-- stands for: getlago/lago-api/pull/4089, a voided invoice blocked rebilling
-- checks: S2.3
-- says: is still DRAFT
CREATE FUNCTION app.keep_the_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
CREATE TRIGGER keep_the_draft BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.keep_the_draft();
CREATE TRIGGER keep_its_lines BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.keep_the_draft();
