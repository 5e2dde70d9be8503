-- Issuing an invoice marks another tenant's event as billed by it.
-- stands for: flexprice/flexprice/pull/2516, a line item written across tenants
-- checks: S4.4
-- says: 3 of 3 seeds claimed, 4 events in all; event * of tenant * was billed too (the gate has put it back)
-- tenant: empty
CREATE FUNCTION app.claim_another_tenants_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events SET billed_at = NEW.issued_at, invoice_id = NEW.id
        WHERE tenant_id <> NEW.tenant_id AND billed_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER claim_another_tenants_event AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.claim_another_tenants_event();
