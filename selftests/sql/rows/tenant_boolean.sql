-- Whether a tenant is active is true or not.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.customers AS
SELECT id, name, status = 'active' AS enabled FROM app.tenants;

-- name: tenants
SELECT
    customer.id, customer.name,
    CASE WHEN customer.enabled THEN 'active' ELSE 'disabled' END AS status,
    hash_record_extended(customer, 0) AS digest
FROM varied.customers AS customer;

-- fault: S1.1 it is read the wrong way round
-- name: tenants
SELECT
    customer.id, customer.name,
    CASE WHEN customer.enabled THEN 'disabled' ELSE 'active' END AS status,
    hash_record_extended(customer, 0) AS digest
FROM varied.customers AS customer;
