-- The rate is a column of the tenant, in percent, for everything and always.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.customers AS
SELECT
    tenant.id, tenant.name, tenant.slug, tenant.status, terms.currency, terms.rate * 100 AS percent
FROM app.tenants AS tenant
LEFT JOIN app.gain_share_terms AS terms ON terms.tenant_id = tenant.id;

-- name: tenants
SELECT
    customer.id, customer.name, customer.slug, customer.status,
    hash_record_extended(customer, 0) AS digest
FROM varied.customers AS customer;

-- name: terms
SELECT
    customer.id, customer.id AS tenant_id, NULL::text AS finding_type, customer.currency,
    customer.percent * 0.01 AS rate, '-infinity'::timestamptz AS valid_from,
    NULL::timestamptz AS valid_to, hash_record_extended(customer, 0) AS digest
FROM varied.customers AS customer
WHERE customer.percent IS NOT NULL;

-- fault: S1.5 percent are read as shares
-- name: terms
SELECT
    customer.id, customer.id AS tenant_id, NULL::text AS finding_type, customer.currency,
    customer.percent AS rate, '-infinity'::timestamptz AS valid_from,
    NULL::timestamptz AS valid_to, hash_record_extended(customer, 0) AS digest
FROM varied.customers AS customer
WHERE customer.percent IS NOT NULL;
