-- An invoice has a line for each event, and that alone tells what it bills: events have no claim of
-- their own, invoices no period. An event is billed if it is on a line of an invoice that was issued.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, currency, finding_type, occurred_at, category,
    billable
FROM app.value_events;

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency, event_count, recovered_amount,
    gain_share_amount, idempotency_key, created_at, issued_at, paid_at
FROM app.billing_invoices;

CREATE TABLE varied.items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES app.billing_invoices (id) ON DELETE CASCADE,
    event_id uuid NOT NULL REFERENCES app.value_events (id),
    recovered numeric NOT NULL,
    share numeric,
    fee numeric
);
CREATE INDEX ON varied.items (event_id);
CREATE INDEX ON varied.items (invoice_id);

CREATE FUNCTION varied.itemise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO varied.items (invoice_id, event_id, recovered, share, fee)
    SELECT NEW.id, id, amount, rate, fee
    FROM app.priced_events
    WHERE tenant_id = NEW.tenant_id
        AND category = 'RECOVERED'
        AND billable
        AND billed_at IS NULL
        AND occurred_at >= NEW.period_start
        AND occurred_at < NEW.period_end;
    RETURN NULL;
END $$;
CREATE TRIGGER itemise AFTER INSERT ON app.billing_invoices
FOR EACH ROW WHEN (NEW.status = 'DRAFT') EXECUTE FUNCTION varied.itemise();

CREATE FUNCTION varied.itemise_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO varied.items (invoice_id, event_id, recovered)
    VALUES (NEW.invoice_id, NEW.id, NEW.amount);
    RETURN NULL;
END $$;
CREATE TRIGGER itemise_billed AFTER INSERT ON app.value_events
FOR EACH ROW WHEN (NEW.invoice_id IS NOT NULL) EXECUTE FUNCTION varied.itemise_billed();

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (claim.invoice_id IS NOT NULL) AS billed, claim.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event
LEFT JOIN LATERAL (
    SELECT invoice.id AS invoice_id
    FROM varied.items AS item
    JOIN varied.invoices AS invoice ON invoice.id = item.invoice_id
    WHERE item.event_id = event.id AND invoice.status IN ('ISSUED', 'PAID')
) AS claim ON true;

-- name: invoices
-- The month of what it bills.
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, billed.month AS period_start,
    billed.month + interval '1 month' AS period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice
LEFT JOIN LATERAL (
    SELECT date_trunc('month', min(event.occurred_at), 'UTC') AS month
    FROM varied.items AS item
    JOIN varied.events AS event ON event.id = item.event_id
    WHERE item.invoice_id = invoice.id
) AS billed ON true;

-- name: lines
SELECT
    item.id, item.invoice_id, item.event_id, item.share AS rate, item.recovered AS recovered_amount,
    item.fee AS gain_share_amount, hash_record_extended(item, 0) AS digest
FROM varied.items AS item;

-- name: remove_invoices
DELETE FROM varied.items WHERE invoice_id = ANY(:ids::uuid[]);

UPDATE app.value_events
SET billed_at = NULL, invoice_id = NULL
WHERE tenant_id = :tenant_id AND invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoice_lines WHERE invoice_id = ANY(:ids::uuid[]);

DELETE FROM app.billing_invoices WHERE id = ANY(:ids::uuid[]) AND tenant_id = :tenant_id;

-- fault: S2.2 the fee of every event is that of the mean one, and the sum is right
-- name: build
CREATE FUNCTION varied.spread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE varied.items
    SET fee = (SELECT avg(fee) FROM varied.items WHERE invoice_id = NEW.id)
    WHERE invoice_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER spread AFTER INSERT ON app.billing_invoices
FOR EACH ROW WHEN (NEW.status = 'DRAFT') EXECUTE FUNCTION varied.spread();

-- fault: S2.1 the month is that of the last event
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, billed.month AS period_start,
    billed.month + interval '1 month' AS period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice
LEFT JOIN LATERAL (
    SELECT date_trunc('month', max(event.occurred_at) + interval '11 days', 'UTC') AS month
    FROM varied.items AS item
    JOIN varied.events AS event ON event.id = item.event_id
    WHERE item.invoice_id = invoice.id
) AS billed ON true;

-- fault: S4.4 lines of a draft are read as claims
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (item.invoice_id IS NOT NULL) AS billed, item.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event
LEFT JOIN varied.items AS item ON item.event_id = event.id;
