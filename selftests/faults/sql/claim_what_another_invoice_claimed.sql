-- Issuing an invoice takes an event from an invoice that has claimed it already.
-- stands for: getlago/lago-api/pull/5916, one event billed twice
-- checks: S4.4
-- says: 3 of 3 seeds claimed, 4 events in all
-- tenant: billed_before
CREATE FUNCTION app.claim_what_another_invoice_claimed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events SET billed_at = NEW.issued_at, invoice_id = NEW.id
        WHERE tenant_id = NEW.tenant_id AND invoice_id <> NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER claim_what_another_invoice_claimed AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.claim_what_another_invoice_claimed();
