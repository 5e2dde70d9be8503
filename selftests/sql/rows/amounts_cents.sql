-- Amounts are whole cents, and a period is two dates, the last of them its last day.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, (amount * 100)::bigint AS amount_cents, currency, finding_type,
    occurred_at, category, billable, billed_at, invoice_id
FROM app.value_events;

CREATE FUNCTION varied.record_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.value_events (
        id, tenant_id, category, amount, currency, source_entity_type, source_entity_id,
        finding_type, reason_code, idempotency_key, billable, occurred_at
    )
    VALUES (
        NEW.id, NEW.tenant_id, 'RECOVERED', NEW.amount_cents / 100.0, NEW.currency, 'FINDING',
        gen_random_uuid(), NEW.finding_type, 'AUDIT', NEW.idempotency_key, true, NEW.occurred_at
    );
    RETURN NEW;
END $$;
CREATE TRIGGER record_event INSTEAD OF INSERT ON varied.events
FOR EACH ROW EXECUTE FUNCTION varied.record_event();

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, period_start::date AS first_day,
    period_end::date - 1 AS last_day, event_count,
    (recovered_amount * 100)::bigint AS recovered_cents,
    (gain_share_amount * 100)::bigint AS total_cents, idempotency_key, created_at, issued_at,
    paid_at
FROM app.billing_invoices;

CREATE VIEW varied.items AS
SELECT
    id, invoice_id, finding_type, rate, event_count,
    (recovered_amount * 100)::bigint AS recovered_cents,
    (gain_share_amount * 100)::bigint AS fee_cents
FROM app.billing_invoice_lines;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount_cents * 0.01 AS amount,
    event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.first_day AS period_start, invoice.last_day + 1 AS period_end,
    invoice.event_count,
    invoice.recovered_cents * 0.01 AS recovered_amount,
    invoice.total_cents * 0.01 AS gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- name: lines
SELECT
    item.id, item.invoice_id, item.finding_type, item.rate, item.event_count,
    item.recovered_cents * 0.01 AS recovered_amount, item.fee_cents * 0.01 AS gain_share_amount,
    hash_record_extended(item, 0) AS digest
FROM varied.items AS item;

-- name: plant_event
INSERT INTO varied.events (
    id, tenant_id, idempotency_key, amount_cents, currency, finding_type, occurred_at
)
VALUES (
    gen_random_uuid(), :tenant_id, :key, :amount * 100.0, :currency, :finding_type, :occurred_at
)
RETURNING id;

-- name: planted_events
SELECT
    id, tenant_id, amount_cents * 0.01 AS amount, currency, finding_type, idempotency_key AS key,
    occurred_at
FROM varied.events
WHERE id = ANY(:ids::uuid[]);

-- fault: S1.4 cents are read as major units
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount_cents::numeric AS amount,
    event.currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- fault: S1.4 cents are divided as whole numbers
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key,
    (event.amount_cents / 100)::numeric AS amount, event.currency, event.finding_type,
    event.occurred_at, (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- fault: S3.1 seeds are planted in major units
-- name: plant_event
INSERT INTO varied.events (
    id, tenant_id, idempotency_key, amount_cents, currency, finding_type, occurred_at
)
VALUES (gen_random_uuid(), :tenant_id, :key, :amount, :currency, :finding_type, :occurred_at)
RETURNING id;

-- fault: S2.2 the cents of a total are read as major units
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.first_day AS period_start, invoice.last_day + 1 AS period_end,
    invoice.event_count,
    invoice.recovered_cents * 0.01 AS recovered_amount,
    invoice.total_cents::numeric AS gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- fault: S2.1 the last day is read as the day after
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.first_day AS period_start, invoice.last_day AS period_end,
    invoice.event_count, invoice.recovered_cents * 0.01 AS recovered_amount,
    invoice.total_cents * 0.01 AS gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;
