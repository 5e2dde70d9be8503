-- A tenant's status has several words, of which two may be billed.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.customers AS
SELECT
    id, name, slug,
    CASE status WHEN 'active' THEN 'live' WHEN 'closed' THEN 'churned' ELSE 'frozen' END AS standing
FROM app.tenants;

-- name: tenants
SELECT
    customer.id, customer.name, customer.slug, customer.standing AS status,
    hash_record_extended(customer, 0) AS digest
FROM varied.customers AS customer;
