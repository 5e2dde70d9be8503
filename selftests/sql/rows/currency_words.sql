-- Currencies are lower case on events, of an enum on terms, and char(3) on invoices. A period is two
-- dates, the last of them the first day after.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE TYPE varied.currency AS ENUM ('EUR', 'JPY', 'KWD', 'USD');

CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, amount, lower(currency) AS currency, finding_type, occurred_at,
    category, billable, billed_at, invoice_id
FROM app.value_events;

CREATE VIEW varied.terms AS
SELECT
    id, tenant_id, finding_type, currency::varied.currency AS currency, rate, valid_from, valid_to
FROM app.gain_share_terms;

CREATE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, currency::char(3) AS currency,
    period_start::date AS first_day, period_end::date AS next_day, event_count, recovered_amount,
    gain_share_amount, idempotency_key, created_at, issued_at, paid_at
FROM app.billing_invoices;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount,
    upper(event.currency) AS currency, event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- name: terms
SELECT
    terms.id, terms.tenant_id, terms.finding_type, terms.currency::text AS currency, terms.rate,
    terms.valid_from, terms.valid_to, hash_record_extended(terms, 0) AS digest
FROM varied.terms AS terms;

-- name: invoices
-- char(3) is a word as it is.
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.first_day AS period_start, invoice.next_day AS period_end,
    invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;

-- fault: S1.5 lower case is taken as it is
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, event.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM varied.events AS event;

-- fault: S2.2 an invoice is kept in another currency than it was made in
-- name: build
CREATE OR REPLACE VIEW varied.invoices AS
SELECT
    id, tenant_id, invoice_number, status, 'EUR'::char(3) AS currency,
    period_start::date AS first_day, period_end::date AS next_day, event_count, recovered_amount,
    gain_share_amount, idempotency_key, created_at, issued_at, paid_at
FROM app.billing_invoices;

-- fault: S2.1 the day after is read as the last
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    invoice.currency, invoice.first_day AS period_start, invoice.next_day + 1 AS period_end,
    invoice.event_count, invoice.recovered_amount, invoice.gain_share_amount,
    invoice.idempotency_key, invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM varied.invoices AS invoice;
