-- Issuing an invoice takes an event from an invoice that has claimed it already.
-- stands for: getlago/lago-api/pull/5916, one event billed twice
-- checks: S4.4
-- says: 3 of 3 seeds claimed, 4 events in all
-- tenant: billed_before
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at, billed_at, invoice_id
)
SELECT
    tenant_id, 'RECOVERED', 900, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE',
    'AUDIT', 'audit-january', true, '2026-01-10T12:00Z', issued_at, id
FROM app.billing_invoices;
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
