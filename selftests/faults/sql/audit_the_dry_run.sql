-- Each draft, and each that is taken back, leaves a row in an audit log that names its number.
-- stands for: dust-tt/dust/pull/28358, rows that no cleaning knows
-- checks: S2.3
-- says: 2 rows of app.audit_log
-- over: http
-- with: --platform=reference
CREATE TABLE app.audit_log (at timestamptz DEFAULT clock_timestamp(), said text);
GRANT SELECT ON app.audit_log TO PUBLIC;
CREATE FUNCTION app.audit_the_dry_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO app.audit_log (said)
    VALUES (concat(TG_OP, ' of ', coalesce(NEW.invoice_number, OLD.invoice_number)));
    RETURN NULL;
END $$;
CREATE TRIGGER audit_the_dry_run AFTER INSERT OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.audit_the_dry_run();
