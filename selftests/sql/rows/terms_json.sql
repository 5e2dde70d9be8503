-- Terms are a list in a JSON document of the tenant.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.settings AS
SELECT
    tenant_id AS customer_id,
    jsonb_build_object('gain_share', jsonb_agg(jsonb_build_object(
        'type', finding_type, 'currency', currency, 'rate', rate::text, 'from', valid_from,
        'to', valid_to
    ) ORDER BY id)) AS document
FROM app.gain_share_terms
GROUP BY tenant_id;

-- name: terms
SELECT
    concat(settings.customer_id, ' ', terms.position) AS id, settings.customer_id AS tenant_id,
    terms.told ->> 'type' AS finding_type, terms.told ->> 'currency' AS currency,
    (terms.told ->> 'rate')::numeric AS rate, (terms.told ->> 'from')::date AS valid_from,
    (terms.told ->> 'to')::date AS valid_to, jsonb_hash_extended(terms.told, 0) AS digest
FROM varied.settings AS settings
CROSS JOIN jsonb_array_elements(settings.document -> 'gain_share')
    WITH ORDINALITY AS terms (told, position);

-- fault: M.1 that terms end is not read
-- name: terms
SELECT
    concat(settings.customer_id, ' ', terms.position) AS id, settings.customer_id AS tenant_id,
    terms.told ->> 'type' AS finding_type, terms.told ->> 'currency' AS currency,
    (terms.told ->> 'rate')::numeric AS rate, (terms.told ->> 'from')::date AS valid_from,
    NULL::date AS valid_to, jsonb_hash_extended(terms.told, 0) AS digest
FROM varied.settings AS settings
CROSS JOIN jsonb_array_elements(settings.document -> 'gain_share')
    WITH ORDINALITY AS terms (told, position);
