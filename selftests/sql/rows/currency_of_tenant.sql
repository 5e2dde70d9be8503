-- The currency stands on the tenant only, and a period is a month, written as a text. The tables are
-- called as the gate calls its relations, in the schema that needs no name.

-- name: build
CREATE VIEW tenants AS
SELECT
    tenant.id, tenant.name, tenant.slug, tenant.status,
    (SELECT min(currency) FROM app.gain_share_terms WHERE tenant_id = tenant.id) AS currency
FROM app.tenants AS tenant;

CREATE VIEW events AS
SELECT
    id, tenant_id, idempotency_key, amount, finding_type, occurred_at, category, billable,
    billed_at, invoice_id
FROM app.value_events;

CREATE VIEW terms AS
SELECT id, tenant_id, finding_type, rate, valid_from, valid_to FROM app.gain_share_terms;

CREATE VIEW invoices AS
SELECT
    id, tenant_id, invoice_number, status,
    to_char(period_start AT TIME ZONE 'UTC', 'YYYY-MM') AS month, event_count, recovered_amount,
    gain_share_amount, idempotency_key, created_at, issued_at, paid_at
FROM app.billing_invoices;

CREATE VIEW lines AS SELECT * FROM app.billing_invoice_lines;

-- name: tenants
SELECT id, name, slug, status, hash_record_extended(tenants, 0) AS digest FROM tenants;

-- name: events
SELECT
    event.id, event.tenant_id, event.idempotency_key AS key, event.amount, tenant.currency,
    event.finding_type, event.occurred_at,
    (event.category = 'RECOVERED' AND event.billable) AS billable,
    (event.billed_at IS NOT NULL) AS billed, event.invoice_id,
    hash_record_extended(event, 0) AS digest
FROM events AS event
JOIN tenants AS tenant ON tenant.id = event.tenant_id;

-- name: terms
SELECT
    terms.id, terms.tenant_id, terms.finding_type, tenant.currency, terms.rate, terms.valid_from,
    terms.valid_to, hash_record_extended(terms, 0) AS digest
FROM terms
JOIN tenants AS tenant ON tenant.id = terms.tenant_id;

-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    tenant.currency, to_date(invoice.month, 'YYYY-MM') AS period_start,
    to_date(invoice.month, 'YYYY-MM') + interval '1 month' AS period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM invoices AS invoice
JOIN tenants AS tenant ON tenant.id = invoice.tenant_id;

-- name: lines
SELECT
    id, invoice_id, finding_type, rate, event_count, recovered_amount, gain_share_amount,
    hash_record_extended(lines, 0) AS digest
FROM lines;

-- fault: S1.5 the terms are said to be in another currency
-- name: terms
SELECT
    terms.id, terms.tenant_id, terms.finding_type, 'EUR'::text AS currency, terms.rate,
    terms.valid_from, terms.valid_to, hash_record_extended(terms, 0) AS digest
FROM terms;

-- fault: S2.1 a month is read as thirty days
-- name: invoices
SELECT
    invoice.id, invoice.tenant_id, invoice.invoice_number AS number, invoice.status,
    tenant.currency, to_date(invoice.month, 'YYYY-MM') AS period_start,
    to_date(invoice.month, 'YYYY-MM') + interval '30 days' AS period_end, invoice.event_count,
    invoice.recovered_amount, invoice.gain_share_amount, invoice.idempotency_key,
    invoice.created_at, invoice.issued_at, invoice.paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM invoices AS invoice
JOIN tenants AS tenant ON tenant.id = invoice.tenant_id;
