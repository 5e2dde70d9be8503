-- The draft is stored as another tenant's.
-- stands for: flexprice/flexprice/pull/2516, a write across tenants
-- checks: S2.1
-- says: invoice_not_found
CREATE FUNCTION app.draft_for_another_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.tenant_id = (SELECT id FROM app.tenants WHERE id <> NEW.tenant_id LIMIT 1);
    RETURN NEW;
END $$;
CREATE TRIGGER draft_for_another_tenant BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_for_another_tenant();
