{# relations.sql, as it is drafted; its longer expressions stand first. #}
{% macro billed_by(claim) %}
EXISTS (
    SELECT FROM {{ claim.table }} AS {{ claim.alias }}
    {% if claim.status %}
    JOIN {{ claim.invoices }} AS {{ claim.invoice }} ON {{ claim.invoice }}.{{ claim.invoice_key }} = {{ claim.alias }}.{{ claim.of_invoice }}
    {% endif %}
    WHERE {{ claim.alias }}.{{ claim.of_event }} = {{ claim.event }}{{ claim.counting }}
) AS billed
{% endmacro %}
{% macro billing_invoice(claim) %}
(
    SELECT {{ claim.one }} FROM {{ claim.table }} AS {{ claim.alias }}
    {% if claim.status %}
    JOIN {{ claim.invoices }} AS {{ claim.invoice }} ON {{ claim.invoice }}.{{ claim.invoice_key }} = {{ claim.alias }}.{{ claim.of_invoice }}
    {% endif %}
    WHERE {{ claim.alias }}.{{ claim.of_event }} = {{ claim.event }}{{ claim.counting }}
    {% if claim.limit %}
    LIMIT 1
    {% endif %}
) AS invoice_id
{% endmacro %}
{% macro one_of(chain, own, indent) %}
{% if chain %}
{{ chain[0].column }} IN (
{{ indent }}    SELECT {{ chain[0].key }} FROM {{ chain[0].table }} WHERE {{ one_of(chain[1:], own, indent ~ "    ") }}
{{ indent }})
{%- else %}
{{ own -}}
{% endif %}
{% endmacro %}
{% macro select(one) %}
SELECT
{{ listed(one.items, "--", ",", "    ") }}
{{ listed(one.sources, "--", "", "", "" if one.condition else ";") }}{{ "\nWHERE " ~ one.condition ~ ";" if one.condition }}
{% endmacro %}
{% macro draft() %}
-- The tables of {{ name }}, as the gate reads them, and what a guest may write there.
-- Drafted by: python -m platforms init. A line says where it comes from; a QUESTION is for you, and
-- what stands below it is the likeliest answer.

{% for one in selects %}
-- name: {{ one.name }}
{% for told in one.comments %}
-- {{ told }}
{% endfor %}
{{ select(one) }}
{% endfor %}
-- name: plant_event
-- A seed, which may be billed and is not; answers its id.
INSERT INTO {{ events }} (
{{ listed(planted, "--", ",", "    ") }}
)
VALUES (
{{ listed(values, "--", ",", "    ") }}
)
RETURNING {{ key }};

-- name: planted_events
-- Seeds as the table keeps them, each column under the name of the value it was planted with.
{{ select(kept) }}
{% if spoiled %}
-- name: spoil_event
-- For a moment, a seed is none that may be billed.
{% if spoiled.question %}
-- QUESTION: {{ spoiled.question }}
{% endif %}
UPDATE {{ events }} SET {{ spoiled.text }} WHERE {{ key }} = :id AND {{ of_tenant }} = :tenant_id;  -- from: {{ spoiled.origin }}

-- name: restore_event
UPDATE {{ events }} SET {{ restored.text }} WHERE {{ key }} = :id AND {{ of_tenant }} = :tenant_id;  -- from: {{ restored.origin }}

{% endif %}
-- name: remove_invoices
-- In the order that foreign keys allow.
{% for one in released %}
UPDATE {{ events }} SET {{ one.text }} WHERE {{ of_tenant }} = :tenant_id AND {{ claim }} = ANY(:ids::{{ ids.invoice }}[]);  -- from: {{ one.origin }}
{% endfor %}
{% for one in hanging %}
-- from: {{ one.origin }}
DELETE FROM {{ one.table }} WHERE {{ one_of(one.chain, own_invoices, "") }};
{% endfor %}
DELETE FROM {{ invoices }} WHERE {{ own_invoices }};  -- from: catalogue ({{ invoices }})

-- name: remove_events
{% if lasting %}
-- The lines of withdrawn invoices stay on record and keep their event from being deleted: an invoice
-- that a dead run withdrew goes with its seeds.
-- from: {{ lasting.origin }}
WITH gone AS (
    DELETE FROM {{ lasting.table }} AS {{ lasting.alias }} USING {{ invoices }} AS {{ lasting.invoice }}
    WHERE {{ lasting.invoice }}.{{ invoice_key }} = {{ lasting.alias }}.{{ lasting.of_invoice }}
        AND {{ lasting.invoice }}.{{ lasting.status }} {{ lasting.withdrawn }}
        AND {{ lasting.invoice }}.{{ invoice_tenant }} = :tenant_id
        AND {{ lasting.alias }}.{{ lasting.of_invoice }} IN (
            SELECT {{ lasting.of_invoice }} FROM {{ lasting.table }} WHERE {{ lasting.of_event }} = ANY(:ids::{{ ids.event }}[])
        )
    RETURNING {{ lasting.alias }}.{{ lasting.of_invoice }}
)
DELETE FROM {{ invoices }} WHERE {{ invoice_key }} IN (SELECT {{ lasting.of_invoice }} FROM gone);
{% endif %}
{% for one in pointing %}
-- from: {{ one.origin }}
DELETE FROM {{ one.table }} WHERE {{ one_of(one.chain, own_events, "") }};
{% endfor %}
-- A seed goes only if id, tenant and prefix agree that it is one.
DELETE FROM {{ events }}  -- from: catalogue ({{ events }})
WHERE {{ key }} = ANY(:ids::{{ ids.event }}[])
    AND {{ of_tenant }} = :tenant_id
{% if not reference %}
    -- QUESTION: which column is the key of a seed? The one given :key
{% endif %}
    AND starts_with({{ reference or key ~ "::text" }}, 'dryrun-');
{% endmacro %}
