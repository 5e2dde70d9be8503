-- Only the first draft that is ever taken back goes; every later one says yes and stays.
-- stands for: getlago/lago-api/pull/4089, what was voided blocked billing again
-- checks: S4.1
-- says: refused, period_overlaps_invoice: DRAFT-2026-02-* (DRAFT) bills
-- tenant: empty
-- over: http
CREATE SEQUENCE app.cleanups;
GRANT SELECT, USAGE ON app.cleanups TO p9a_gate;
CREATE FUNCTION app.clean_up_once_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'billing_invoice_lines' THEN
        RETURN CASE WHEN (SELECT is_called FROM app.cleanups) THEN NULL ELSE OLD END;
    END IF;
    RETURN CASE WHEN nextval('app.cleanups') > 1 THEN NULL ELSE OLD END;
END $$;
CREATE TRIGGER clean_up_once_only BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.clean_up_once_only();
CREATE TRIGGER keep_its_lines BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.clean_up_once_only();
