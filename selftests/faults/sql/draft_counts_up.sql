-- A draft takes the next number from the tenant's counter, and is taken back.
-- stands for: invoiceninja/invoiceninja/issues/2395, numbers of drafts that are gone
-- checks: S2.3
-- says: 1 row of app.invoice_counters written by the run
-- over: http
-- with: --platform=reference
CREATE TABLE app.invoice_counters (tenant_id uuid PRIMARY KEY, last bigint NOT NULL);
GRANT SELECT ON app.invoice_counters TO PUBLIC;
CREATE FUNCTION app.draft_counts_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.invoice_counters VALUES (NEW.tenant_id, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET last = invoice_counters.last + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER draft_counts_up AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_counts_up();
