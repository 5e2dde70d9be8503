-- name: any_unbilled
-- Whether the period has something to bill at all, found without counting it.
SELECT EXISTS (
    SELECT FROM events
    WHERE tenant_id = :tenant_id
        AND billable
        AND NOT billed
        AND occurred_at >= :period_start
        AND occurred_at < :period_end
) AS any_unbilled;

-- name: known_events
-- Tells whether an event arrived since; one that was billed or altered meanwhile did not.
SELECT count(*) AS event_count, sum(hash_event_id(id, 0))::numeric AS digest
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND occurred_at >= :period_start
    AND occurred_at < :period_end;

-- name: has_other_events
-- Whether an invoice of the period would bill, or an invoice of the run has billed, what is no seed.
SELECT EXISTS (
    SELECT FROM events
    WHERE tenant_id = :tenant_id
        AND billable
        AND (NOT billed OR invoice_id = ANY(:invoice_ids::invoice_id[]))
        AND occurred_at >= :period_start
        AND occurred_at < :period_end
        AND NOT id = ANY(:seed_ids::event_id[])
) AS has_other_events;

-- name: currencies_of_terms
-- The currencies that the tenant can be billed in when the period begins, or later.
SELECT DISTINCT currency
FROM terms
WHERE tenant_id = :tenant_id AND (valid_to IS NULL OR valid_to > :period_start)
ORDER BY currency;

-- name: event_keys
-- What people call events.
SELECT id::text AS id, key FROM events WHERE id = ANY(:ids::event_id[]);

-- name: stored_seeds
-- Seeds as the events that they are to the gate.
SELECT id::text AS id, key, billable, billed FROM events WHERE id = ANY(:ids::event_id[]);

-- name: seed_keys
-- Every dry-run event of the tenant, whoever made it. A prefix, not a pattern: "_" means itself.
SELECT id::text AS id, key
FROM events
WHERE tenant_id = :tenant_id AND starts_with(key, 'dryrun-')
ORDER BY key;
