-- Numbers come from one sequence for all tenants, at issue.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE SEQUENCE varied.numbers;

CREATE FUNCTION varied.number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.invoice_number = concat('P', nextval('varied.numbers'));
    RETURN NEW;
END $$;
CREATE TRIGGER number BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW WHEN (OLD.status = 'DRAFT') EXECUTE FUNCTION varied.number();

-- fault: S4.4 a number is that of another tenant's invoice
-- name: build
INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest, issued_at
)
SELECT id, 'P1', 'ISSUED', 'USD', '2025-12-01Z', '2026-01-01Z', 1, 4, 1, 0, '2026-01-02Z'
FROM app.tenants
WHERE status <> 'active';
