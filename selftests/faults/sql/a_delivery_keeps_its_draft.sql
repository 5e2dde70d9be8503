-- A delivery is noted beside each draft and keeps it, so that the platform cannot take it back.
-- stands for: frappe/erpnext/issues/32450, a row that points to an invoice keeps it from being deleted
-- checks: S2.3
-- says: is still DRAFT
-- over: http
-- with: --platform=reference
CREATE TABLE app.webhook_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES app.billing_invoices
);
CREATE FUNCTION app.deliver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.webhook_deliveries (invoice_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER deliver AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.deliver();
GRANT SELECT, DELETE ON app.webhook_deliveries TO p9a_gate;
