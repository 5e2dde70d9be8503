-- Only the first draft that is ever taken back goes; every later one says yes and stays.
-- stands for: getlago/lago-api/pull/4089, what was voided blocked billing again
-- checks: S4.1
-- says: trigger clean_up_once_only of app.billing_invoices keeps the row
-- tenant: empty
-- over: http
-- with: --platform=reference
-- That one went is remembered as a comment on the function, which is no row that a draft could leave.
CREATE FUNCTION app.clean_up_once_only() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF obj_description('app.clean_up_once_only()'::regprocedure, 'pg_proc') = 'one went' THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME <> 'billing_invoice_lines' THEN
        COMMENT ON FUNCTION app.clean_up_once_only() IS 'one went';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER clean_up_once_only BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.clean_up_once_only();
CREATE TRIGGER keep_its_lines BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.clean_up_once_only();
