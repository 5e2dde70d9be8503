-- name: hurry
-- A load without looking every tenant up, for what is loaded is right; and without the indexes of what is
-- to be billed, which are made faster afterwards.
SET session_replication_role = replica;
CREATE TEMPORARY TABLE put_aside AS
SELECT indexname, indexdef
FROM pg_indexes
WHERE schemaname = 'app' AND tablename = 'value_events' AND indexdef LIKE '%WHERE%';
DO $$
DECLARE
    index_name text;
BEGIN
    FOR index_name IN SELECT indexname FROM put_aside LOOP
        EXECUTE format('DROP INDEX app.%I', index_name);
    END LOOP;
END $$;

-- name: fill
-- Events of many tenants and of a whole year, so that a tenant's month is one part in hundreds; in the
-- order of the indexes, which is quick.
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    lpad(to_hex(number), 32, '0')::uuid, tenant.id, 'RECOVERED',
    (hashint8(number) & 5242879) / 100.0 - 5000, 'USD', 'SHIP_FINDING', gen_random_uuid(),
    (ARRAY['ADDRESS_CORRECTION', 'CLASSIFICATION_ERROR', 'DUPLICATE_CHARGE'])[1 + number % 3],
    'PLANS', 'plans-' || lpad(number::text, 9, '0'), true,
    timestamptz '2026-01-01 00:00:00+00' + (number % share) * (interval '365 days' / share)
FROM
    (SELECT :event_count::bigint / cardinality(:tenant_ids::uuid[]) AS share) AS shares,
    unnest(ARRAY(SELECT id FROM unnest(:tenant_ids::uuid[]) AS id ORDER BY id))
        WITH ORDINALITY AS tenant (id, place),
    generate_series((place - 1) * share, place * share - 1) AS number;

-- name: analyse
-- The embedded server has no autovacuum: a bulk load says itself when to look again.
DO $$
DECLARE
    definition text;
BEGIN
    FOR definition IN SELECT indexdef FROM put_aside LOOP
        EXECUTE definition;
    END LOOP;
END $$;
ANALYZE app.value_events;
ANALYZE app.tenants;
ANALYZE app.gain_share_terms;
ANALYZE app.billing_invoices;
ANALYZE app.billing_invoice_lines;

-- name: amounts
-- From here on: what the gate asks, as a person would write it who knows the reference platform's
-- tables and nothing else.
SELECT
    currency,
    finding_type,
    count(*) AS event_count,
    count(scale(amount)) AS finite_count,
    count(invoice_id) AS claimed_count,
    min(scale(amount)) AS lowest_scale,
    max(scale(amount)) AS highest_scale,
    string_agg(amount::text, E'\n') AS amounts
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :starts
    AND occurred_at < :ends
    AND (:shares::int = 1 OR abs(uuid_hash_extended(id, 0) % :shares) = :share)
GROUP BY currency, finding_type;

-- name: billable_number
SELECT count(*) AS event_count
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :starts
    AND occurred_at < :ends;

-- name: any_unbilled
SELECT EXISTS (
    SELECT FROM app.value_events
    WHERE tenant_id = :tenant_id
        AND category = 'RECOVERED'
        AND billable
        AND billed_at IS NULL
        AND occurred_at >= :period_start
        AND occurred_at < :period_end
);

-- name: known_events
SELECT count(*) AS event_count, sum(uuid_hash_extended(id, 0)) AS digest
FROM app.value_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND occurred_at >= :period_start
    AND occurred_at < :period_end;

-- name: has_other_events
SELECT EXISTS (
    SELECT FROM app.value_events
    WHERE tenant_id = :tenant_id
        AND category = 'RECOVERED'
        AND billable
        AND (billed_at IS NULL OR invoice_id = ANY(:invoice_ids::uuid[]))
        AND occurred_at >= :period_start
        AND occurred_at < :period_end
        AND NOT id = ANY(:seed_ids::uuid[])
);

-- name: seed_keys
SELECT id, idempotency_key
FROM app.value_events
WHERE tenant_id = :tenant_id AND starts_with(idempotency_key, 'dryrun-')
ORDER BY idempotency_key;

-- name: claimed_events
SELECT id::text AS id, tenant_id, billed_at
FROM app.value_events
WHERE invoice_id = :invoice_id
ORDER BY id;

-- name: fingerprint
SELECT
    'app.tenants' AS table_name,
    count(*) AS row_count,
    coalesce(sum(hash_record_extended(tenant, 0)), 0)::numeric AS digest
FROM app.tenants AS tenant
WHERE tenant.id = :tenant_id
UNION ALL
SELECT 'app.gain_share_terms', count(*), coalesce(sum(hash_record_extended(terms, 0)), 0)
FROM app.gain_share_terms AS terms
WHERE terms.tenant_id = :tenant_id
UNION ALL
SELECT 'app.value_events', count(*), coalesce(sum(hash_record_extended(event, 0)), 0)
FROM app.value_events AS event
WHERE event.tenant_id = :tenant_id
    AND (:starts::timestamptz IS NULL OR event.occurred_at >= :starts)
    AND (:ends::timestamptz IS NULL OR event.occurred_at < :ends)
UNION ALL
SELECT 'app.billing_invoices', count(*), coalesce(sum(hash_record_extended(invoice, 0)), 0)
FROM app.billing_invoices AS invoice
WHERE invoice.tenant_id = :tenant_id
UNION ALL
SELECT 'app.billing_invoice_lines', count(*), coalesce(sum(hash_record_extended(line, 0)), 0)
FROM app.billing_invoice_lines AS line
JOIN app.billing_invoices AS invoice ON invoice.id = line.invoice_id
WHERE invoice.tenant_id = :tenant_id;
