-- Nobody may delete an invoice, also not the gate: it makes none.
-- stands for: everruns/everruns/pull/3222, append-only guards make rows undeletable
-- checks: S2.1
-- says: trigger keep of app.billing_invoices refuses: invoices are kept
-- over: http
CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'invoices are kept';
END $$;
CREATE TRIGGER keep BEFORE DELETE ON app.billing_invoices FOR EACH ROW EXECUTE FUNCTION app.keep();
