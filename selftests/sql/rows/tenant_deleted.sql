-- A tenant is one until it is deleted, at an instant.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.customers AS
SELECT id, name, CASE WHEN status <> 'active' THEN timestamptz '2026-01-01Z' END AS deleted_at
FROM app.tenants;

-- name: tenants
SELECT
    customer.id, customer.name,
    CASE WHEN customer.deleted_at IS NULL THEN 'active' ELSE 'deleted' END AS status,
    hash_record_extended(customer, 0) AS digest
FROM varied.customers AS customer;

-- fault: S1.1 a tenant is deleted
-- name: build
UPDATE app.tenants SET status = 'closed';
