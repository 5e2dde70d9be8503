-- An invoice is OPEN, FINALIZED, SENT, OVERDUE, PARTIALLY_PAID, SETTLED or VOID, of an enum type. What
-- is cancelled or voided stays on record as VOID, and keeps no period. An old month is overdue, another
-- one partially paid.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE TYPE varied.status AS ENUM (
    'OPEN', 'FINALIZED', 'SENT', 'OVERDUE', 'PARTIALLY_PAID', 'SETTLED', 'VOID'
);

ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_is_known;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_matches_times;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_never_overlap;
ALTER TABLE app.billing_invoices ADD CONSTRAINT billing_invoices_never_overlap EXCLUDE USING gist (
    tenant_id WITH =, tstzrange(period_start, period_end) WITH &&
) WHERE (status <> 'VOID');

CREATE FUNCTION varied.keep_as_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.billing_invoices SET status = 'VOID' WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_as_void BEFORE DELETE ON app.billing_invoices
FOR EACH ROW WHEN (OLD.status = 'DRAFT') EXECUTE FUNCTION varied.keep_as_void();

CREATE FUNCTION varied.keep_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE
        WHEN EXISTS (
            SELECT FROM app.billing_invoices WHERE id = OLD.invoice_id AND status = 'DRAFT'
        ) THEN NULL
        ELSE OLD
    END;
END $$;
CREATE TRIGGER keep_lines BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION varied.keep_lines();

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number,
    (CASE status
        WHEN 'DRAFT' THEN 'OPEN' WHEN 'ISSUED' THEN 'SENT' WHEN 'PAID' THEN 'SETTLED' ELSE status
    END)::varied.status AS status,
    currency, period_start, period_end, event_count, recovered_amount, gain_share_amount,
    idempotency_key, created_at, issued_at, paid_at
FROM app.billing_invoices;

INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest, issued_at
)
SELECT
    id, concat('INV-00000', past.number), past.status, 'USD', past.starts, past.ends, 1, 4, 1, 0,
    past.ends
FROM app.tenants
CROSS JOIN (VALUES
    (1, 'PARTIALLY_PAID', timestamptz '2025-12-01Z', timestamptz '2026-01-01Z'),
    (2, 'OVERDUE', timestamptz '2026-01-01Z', timestamptz '2026-02-01Z')
) AS past (number, status, starts, ends)
WHERE tenants.status = 'active';

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status::text AS status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- name: remove_invoices
-- What is void may go; a draft that is deleted only becomes void.
UPDATE app.billing_invoices
SET status = 'VOID'
WHERE id = ANY(:ids::uuid[]) AND tenant_id = :tenant_id;

UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE tenant_id = :tenant_id AND invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoice_lines WHERE invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoices WHERE id = ANY(:ids::uuid[]) AND tenant_id = :tenant_id;

-- fault: S1.3 an overdue invoice bills the period
-- name: build
UPDATE app.billing_invoices
SET period_start = '2026-02-27Z', period_end = '2026-03-27Z'
WHERE status = 'OVERDUE';

-- fault: S4.5 what was voided keeps its events
-- name: build
CREATE FUNCTION app.keep_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.billed_at = coalesce(NEW.billed_at, OLD.billed_at);
    NEW.invoice_id = coalesce(NEW.invoice_id, OLD.invoice_id);
    RETURN NEW;
END $$;
CREATE TRIGGER keep_claim BEFORE UPDATE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.keep_claim();
