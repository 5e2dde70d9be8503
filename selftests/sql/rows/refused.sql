-- A schema whose types are none that can be read as they are.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE TYPE varied.currency AS ENUM ('EUR', 'USD');

CREATE VIEW varied.events AS
SELECT
    id, tenant_id, idempotency_key, finding_type, billable, invoice_id, amount, currency,
    occurred_at, (amount * 100)::bigint AS cents, amount::double precision AS approximate,
    amount::money AS cash, 0::bigint AS milliseconds, 'USD'::varied.currency AS ccy,
    1::bigint AS number
FROM app.value_events;

-- fault: cents without a cast
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.cents AS amount,
    event.currency, event.finding_type, event.occurred_at, event.billable, false AS billed,
    event.invoice_id, 0::bigint AS digest
FROM varied.events AS event;

-- fault: double precision without a cast
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.approximate AS amount,
    event.currency, event.finding_type, event.occurred_at, event.billable, false AS billed,
    event.invoice_id, 0::bigint AS digest
FROM varied.events AS event;

-- fault: money without a cast
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.cash AS amount,
    event.currency, event.finding_type, event.occurred_at, event.billable, false AS billed,
    event.invoice_id, 0::bigint AS digest
FROM varied.events AS event;

-- fault: milliseconds without a conversion
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount,
    event.currency, event.finding_type, event.milliseconds AS occurred_at, event.billable,
    false AS billed,
    event.invoice_id, 0::bigint AS digest
FROM varied.events AS event;

-- fault: a currency of an enum without a cast
-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount,
    event.ccy AS currency, event.finding_type, event.occurred_at, event.billable, false AS billed,
    event.invoice_id, 0::bigint AS digest
FROM varied.events AS event;

-- fault: ids that are not as they are said
-- name: events
SELECT
    event.number AS id, event.tenant_id, event.idempotency_key AS key, event.amount,
    event.currency, event.finding_type, event.occurred_at, event.billable, false AS billed,
    event.invoice_id, 0::bigint AS digest
FROM varied.events AS event;

-- fault: a flag for a word
-- name: tenants
SELECT id, name, slug, status = 'active' AS status, 0::bigint AS digest FROM app.tenants;

-- fault: a rate of JSON
-- name: terms
SELECT
    id, tenant_id, finding_type, currency, to_jsonb(rate) AS rate, valid_from, valid_to,
    0::bigint AS digest
FROM app.gain_share_terms;

-- fault: an invoice without a period
-- name: invoices
SELECT
    id, tenant_id, invoice_number AS number, status, currency, period_end, event_count,
    recovered_amount, gain_share_amount, created_at, issued_at, paid_at, 0::bigint AS digest
FROM app.billing_invoices;

-- fault: a total that is not numeric
-- name: invoices
SELECT
    id, tenant_id, invoice_number AS number, status, currency, period_start, period_end,
    event_count,
    recovered_amount, gain_share_amount::float8 AS gain_share_amount, created_at, issued_at,
    paid_at, 0::bigint AS digest
FROM app.billing_invoices;

-- fault: a table of another name
-- name: terms
SELECT * FROM varied.nothing;

-- fault: what is no column
-- name: terms
SELECT
    id, tenant_id, finding_type, currency, rate, rate AS share, valid_from, valid_to,
    0::bigint AS digest
FROM app.gain_share_terms;
