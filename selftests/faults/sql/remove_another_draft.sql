-- Taking a draft back removes every draft of the tenant, also that of April.
-- stands for: the rule that a draft is removed by its id
-- checks: S2.3
-- says: app.billing_invoices * is gone
INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest
)
SELECT id, 'DRAFT-2026-04', 'DRAFT', 'USD', '2026-04-01T00:00Z', '2026-05-01T00:00Z', 1, 4, 1, 0
FROM app.tenants;
CREATE FUNCTION app.remove_another_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM app.billing_invoices WHERE tenant_id = OLD.tenant_id AND status = 'DRAFT';
    RETURN NULL;
END $$;
CREATE TRIGGER remove_another_draft AFTER DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.remove_another_draft();
