-- Taking a draft back leaves its lines behind.
-- stands for: vmware-tanzu/sonobuoy/issues/42, leftovers that block the next run
-- checks: S2.3
-- says: 4 lines of the removed draft still there
ALTER TABLE app.billing_invoice_lines DROP CONSTRAINT billing_invoice_lines_invoice_id_fkey;
CREATE FUNCTION app.keep_the_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
CREATE TRIGGER keep_the_lines BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.keep_the_lines();
