-- Numbers begin anew each year, without a gap, the year behind them.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE FUNCTION varied.number(given integer, year text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT concat('R', lpad(given::text, 4, '0'), '/', year) $$;

CREATE FUNCTION varied.follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    this_year text = to_char(NEW.issued_at AT TIME ZONE 'UTC', 'YYYY');
BEGIN
    SELECT varied.number(count(*)::integer + 1, this_year)
    INTO NEW.invoice_number
    FROM app.billing_invoices
    WHERE tenant_id = NEW.tenant_id AND invoice_number LIKE concat('R%/', this_year);
    RETURN NEW;
END $$;
CREATE TRIGGER follow BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW WHEN (OLD.status = 'DRAFT') EXECUTE FUNCTION varied.follow();

-- Seven of last year, and one of this.
INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest, issued_at
)
SELECT
    tenant.id,
    CASE
        WHEN month < 8
        THEN varied.number(month, to_char(now() AT TIME ZONE 'UTC' - interval '1 year', 'YYYY'))
        ELSE varied.number(1, to_char(now() AT TIME ZONE 'UTC', 'YYYY'))
    END,
    'ISSUED', 'USD', timestamptz '2025-01-01Z' + month * interval '1 month',
    timestamptz '2025-02-01Z' + month * interval '1 month', 1, 4, 1, 0, '2026-01-02Z'
FROM app.tenants AS tenant
CROSS JOIN generate_series(1, 8) AS month
WHERE tenant.status = 'active';

-- fault: S4.4 a number is left out
-- name: build
CREATE OR REPLACE FUNCTION varied.number(given integer, year text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT concat('R', lpad((given + 1)::text, 4, '0'), '/', year) $$;

-- fault: S4.4 a new year does not begin anew
-- name: build
UPDATE app.billing_invoices
SET invoice_number = varied.number(9, to_char(now() AT TIME ZONE 'UTC', 'YYYY'))
WHERE invoice_number LIKE concat('R0001/', to_char(now() AT TIME ZONE 'UTC', 'YYYY'));
