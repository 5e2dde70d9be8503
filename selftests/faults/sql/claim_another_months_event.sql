-- Issuing an invoice bills what the tenant recovered before its period, too.
-- stands for: getlago/lago-api/pull/5916, overlapping filters
-- checks: S4.4
-- says: event january-* the tenant's own and no seed, was billed too (the gate has put it back)
-- tenant: empty
-- over: http
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    id, 'RECOVERED', 100, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE', 'AUDIT',
    concat('january-', slug), true, '2026-01-10T12:00Z'
FROM app.tenants;
CREATE FUNCTION app.claim_another_months_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events SET billed_at = NEW.issued_at, invoice_id = NEW.id
        WHERE tenant_id = NEW.tenant_id AND occurred_at < NEW.period_start;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER claim_another_months_event AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.claim_another_months_event();
