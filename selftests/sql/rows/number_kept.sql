-- A draft has its final number, from a counter row of the tenant; what is cancelled leaves a gap.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE TABLE varied.counters (tenant_id uuid PRIMARY KEY, given bigint NOT NULL);

CREATE FUNCTION varied.count_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO varied.counters VALUES (NEW.tenant_id, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET given = counters.given + 1
    RETURNING concat('R-', given) INTO NEW.invoice_number;
    RETURN NEW;
END $$;
CREATE TRIGGER count_up BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION varied.count_up();

CREATE FUNCTION varied.keep_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.invoice_number = OLD.invoice_number;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_number BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION varied.keep_number();

-- fault: S4.2 an invoice gets another number when it is issued
-- name: build
DROP TRIGGER keep_number ON app.billing_invoices;

-- fault: S2.1 a number was given to an invoice before
-- name: build
INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest, issued_at
)
SELECT id, '', 'ISSUED', 'USD', '2025-12-01Z', '2026-01-01Z', 1, 4, 1, 0, '2026-01-02Z'
FROM app.tenants
WHERE status = 'active';
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_number_is_unique;
UPDATE varied.counters SET given = 0;
