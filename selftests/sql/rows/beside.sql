-- Beside its invoices the platform writes an audit log, an outbox with webhooks, a ledger, payments, a
-- counter, holds on what is billed, and when a row was last touched. Keys forbid to delete what the
-- ledger or a hold points to.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE TABLE varied.audit_log (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz, said text);
CREATE TABLE varied.outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text);
CREATE TABLE varied.webhooks (outbox_id bigint REFERENCES varied.outbox (id), sent boolean);
CREATE TABLE varied.ledger (invoice_id uuid REFERENCES app.billing_invoices (id), amount numeric);
CREATE TABLE varied.payments (invoice_id uuid REFERENCES app.billing_invoices (id), amount numeric);
CREATE TABLE varied.counters (tenant_id uuid PRIMARY KEY, drafted bigint);
CREATE TABLE varied.holds (event_id uuid PRIMARY KEY REFERENCES app.value_events (id));

ALTER TABLE app.tenants ADD COLUMN updated_at timestamptz;
ALTER TABLE app.value_events ADD COLUMN updated_at timestamptz;

CREATE FUNCTION varied.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON app.tenants
FOR EACH ROW EXECUTE FUNCTION varied.touch();
CREATE TRIGGER touch BEFORE UPDATE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION varied.touch();

CREATE FUNCTION varied.note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted bigint;
BEGIN
    INSERT INTO varied.audit_log (at, said)
    VALUES (
        clock_timestamp(), concat(TG_OP, ' ', coalesce(NEW.invoice_number, OLD.invoice_number))
    );
    INSERT INTO varied.outbox (topic)
    VALUES (concat('invoice.', lower(TG_OP)))
    RETURNING id INTO noted;
    INSERT INTO varied.webhooks VALUES (noted, false);
    IF TG_OP = 'INSERT' THEN
        INSERT INTO varied.counters VALUES (NEW.tenant_id, 1)
        ON CONFLICT (tenant_id) DO UPDATE SET drafted = counters.drafted + 1;
        UPDATE app.tenants SET slug = slug WHERE id = NEW.tenant_id;
    ELSIF TG_OP = 'UPDATE' AND NEW.status = 'ISSUED' THEN
        INSERT INTO varied.ledger VALUES (NEW.id, NEW.gain_share_amount);
        INSERT INTO varied.holds SELECT id FROM app.value_events WHERE invoice_id = NEW.id;
    ELSIF TG_OP = 'UPDATE' AND NEW.status = 'PAID' THEN
        INSERT INTO varied.payments VALUES (NEW.id, NEW.gain_share_amount);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION varied.note();

-- name: tenants
-- That a tenant was touched says nothing of it.
SELECT
    tenant.id, tenant.name, tenant.slug, tenant.status,
    hash_record_extended(ROW(tenant.name, tenant.slug, tenant.status), 0) AS digest
FROM app.tenants AS tenant;

-- name: remove_events
DELETE FROM varied.holds WHERE event_id IN (
    SELECT id
    FROM app.value_events
    WHERE id = ANY(:ids::uuid[])
        AND tenant_id = :tenant_id
        AND starts_with(idempotency_key, 'dryrun-')
);

DELETE FROM app.value_events
WHERE id = ANY(:ids::uuid[])
    AND tenant_id = :tenant_id
    AND starts_with(idempotency_key, 'dryrun-');

-- name: remove_invoices
DELETE FROM varied.payments WHERE invoice_id = ANY(:ids::uuid[]);

DELETE FROM varied.ledger WHERE invoice_id = ANY(:ids::uuid[]);

UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE tenant_id = :tenant_id AND invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoice_lines WHERE invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoices WHERE id = ANY(:ids::uuid[]) AND tenant_id = :tenant_id;

-- fault: S2.3 when a tenant was last touched counts as what it is
-- name: tenants
SELECT
    tenant.id, tenant.name, tenant.slug, tenant.status, hash_record_extended(tenant, 0) AS digest
FROM app.tenants AS tenant;
