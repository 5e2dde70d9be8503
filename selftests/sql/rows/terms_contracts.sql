-- A contract a tenant, or several, with a period of validity.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.contracts AS
SELECT
    id, tenant_id AS customer_id, finding_type AS scope, currency, rate AS share,
    daterange(valid_from, valid_to) AS validity
FROM app.gain_share_terms;

-- name: terms
SELECT
    contract.id, contract.customer_id AS tenant_id, contract.scope AS finding_type,
    contract.currency, contract.share AS rate, lower(contract.validity) AS valid_from,
    upper(contract.validity) AS valid_to, hash_record_extended(contract, 0) AS digest
FROM varied.contracts AS contract;

-- fault: M.1 the first day after a contract is read as its last
-- name: terms
SELECT
    contract.id, contract.customer_id AS tenant_id, contract.scope AS finding_type,
    contract.currency, contract.share AS rate, lower(contract.validity) AS valid_from,
    upper(contract.validity) - 1 AS valid_to, hash_record_extended(contract, 0) AS digest
FROM varied.contracts AS contract;
