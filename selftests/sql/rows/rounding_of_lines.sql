-- Fees are summed up for each line, and only then rounded.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE OR REPLACE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at, event.invoice_id,
    event.occurred_at, event.currency, event.finding_type, event.amount,
    coalesce(specific.rate, general.rate) AS rate,
    event.amount * coalesce(specific.rate, general.rate) AS fee
FROM app.value_events AS event
LEFT JOIN app.gain_share_terms AS specific
    ON specific.tenant_id = event.tenant_id
    AND specific.currency = event.currency
    AND specific.finding_type = event.finding_type
    AND event.occurred_at >= specific.starts_at
    AND event.occurred_at < specific.ends_at
LEFT JOIN app.gain_share_terms AS general
    ON general.tenant_id = event.tenant_id
    AND general.currency = event.currency
    AND general.finding_type IS NULL
    AND event.occurred_at >= general.starts_at
    AND event.occurred_at < general.ends_at;

CREATE VIEW varied.items AS
SELECT
    line.id, line.invoice_id, line.finding_type, line.rate, line.event_count,
    line.recovered_amount, round(line.gain_share_amount, currency.minor_digits) AS fee
FROM app.billing_invoice_lines AS line
JOIN app.billing_invoices AS invoice ON invoice.id = line.invoice_id
JOIN app.currencies AS currency ON currency.code = invoice.currency;

CREATE VIEW varied.invoices AS
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number, invoice.status, invoice.currency,
    invoice.period_start, invoice.period_end, invoice.event_count, invoice.recovered_amount,
    (SELECT sum(fee) FROM varied.items AS item WHERE item.invoice_id = invoice.id) AS total,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at
FROM app.billing_invoices AS invoice
JOIN app.currencies AS currency ON currency.code = invoice.currency;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.period_start, invoice.period_end, invoice.event_count,
    invoice.recovered_amount, invoice.total AS gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- name: lines
SELECT
    item.id, item.invoice_id, item.finding_type, item.rate, item.event_count,
    item.recovered_amount, item.fee AS gain_share_amount, hash_record_extended(item, 0) AS digest
FROM varied.items AS item;
