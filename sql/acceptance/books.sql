-- name: fingerprint
-- The tenant's rows of the relations that are named, each boiled down to a count and a sum of its rows'
-- digests. The sum does not depend on any order; a row added, gone or changed changes it. Where bounds
-- are given, only events between them count. How many rows have a digest follows from sum and mean,
-- which the server works out in one go; to count them would hash every row once more.
SELECT
    'tenants' AS relation,
    count(*) AS row_count,
    coalesce(round(sum(digest) / nullif(avg(digest), 0)), 0)::bigint AS digest_count,
    coalesce(sum(digest), 0)::numeric AS digest
FROM tenants
WHERE id = :tenant_id
    AND 'tenants' = ANY(:relations::text[])
UNION ALL
SELECT
    'terms',
    count(*),
    coalesce(round(sum(digest) / nullif(avg(digest), 0)), 0)::bigint,
    coalesce(sum(digest), 0)
FROM terms
WHERE tenant_id = :tenant_id
    AND 'terms' = ANY(:relations::text[])
UNION ALL
SELECT
    'events',
    count(*),
    coalesce(round(sum(digest) / nullif(avg(digest), 0)), 0)::bigint,
    coalesce(sum(digest), 0)
FROM events
WHERE tenant_id = :tenant_id
    AND 'events' = ANY(:relations::text[])
    AND (:starts::timestamptz IS NULL OR occurred_at >= :starts)
    AND (:ends::timestamptz IS NULL OR occurred_at < :ends)
UNION ALL
SELECT
    'invoices',
    count(*),
    coalesce(round(sum(digest) / nullif(avg(digest), 0)), 0)::bigint,
    coalesce(sum(digest), 0)
FROM invoices
WHERE tenant_id = :tenant_id
    AND 'invoices' = ANY(:relations::text[])
UNION ALL
SELECT
    'lines',
    count(*),
    coalesce(round(sum(line.digest) / nullif(avg(line.digest), 0)), 0)::bigint,
    coalesce(sum(line.digest), 0)
FROM lines AS line
JOIN invoices AS invoice ON invoice.id = line.invoice_id
WHERE invoice.tenant_id = :tenant_id
    AND 'lines' = ANY(:relations::text[]);

-- name: tables_of_relation
-- The tables that a relation is a SELECT from, and their parts; none where it may show more than they
-- hold: a view, or a function that is not the server's own, may read anything.
WITH RECURSIVE parts (oid) AS (
    SELECT to_regclass(named)::oid FROM unnest(:tables::text[]) AS named
    UNION
    SELECT inherits.inhrelid
    FROM parts
    JOIN pg_catalog.pg_inherits AS inherits ON inherits.inhparent = parts.oid
)
SELECT parts.oid::bigint AS oid
FROM parts
WHERE current_setting('track_counts')::boolean
    AND NOT EXISTS (
        SELECT
        FROM parts
        LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = parts.oid
        WHERE relation.relkind IS NULL OR relation.relkind NOT IN ('r', 'p')
    )
    AND NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_proc
        WHERE proname = ANY(:functions::text[])
            AND pronamespace <> 'pg_catalog'::regnamespace
    );

-- name: written_so_far
-- What the open transaction has done to tables so far: the rows that it has written, be that undone or
-- not; where they are stored, for one that is emptied is stored anew; the locks of whoever changes a
-- table itself; and whether it has got parts that are none of these tables.
SELECT
    oid::bigint AS oid,
    pg_stat_get_xact_tuples_inserted(oid) AS inserted,
    pg_stat_get_xact_tuples_updated(oid) AS updated,
    pg_stat_get_xact_tuples_deleted(oid) AS deleted,
    pg_relation_filenode(oid)::bigint AS stored,
    (
        SELECT count(*)
        FROM pg_catalog.pg_locks AS held
        WHERE held.locktype = 'relation'
            AND held.relation = oid
            AND held.pid = pg_backend_pid()
            AND held.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
    ) AS locks,
    EXISTS (
        SELECT FROM pg_catalog.pg_inherits
        WHERE inhparent = oid AND NOT inhrelid = ANY(:tables::oid[])
    ) AS has_more
FROM unnest(:tables::oid[]) AS oid
ORDER BY oid;

-- name: remember_look
-- What is set here is taken back with whatever is undone, so that it tells whether anything was.
SELECT set_config('p9a.look', :look, true) AS look;

-- name: last_look
SELECT current_setting('p9a.look', true) AS look;

-- name: own_events
-- The run's events, as far as the tenant has them.
SELECT 'events' AS relation, id::text AS id, digest::numeric AS digest
FROM events
WHERE id = ANY(:ids::event_id[])
    AND tenant_id = :tenant_id;

-- name: events_at_hand
-- The tenant's events that a call of the run may have to do with, each lot boiled down: the run's own,
-- those on its invoices, and those of the period that may be billed. Each is one range of an index.
SELECT 'own' AS lot, count(*) AS row_count, sum(digest)::numeric AS digest
FROM events
WHERE id = ANY(:ids::event_id[])
UNION ALL
SELECT 'billed', count(*), sum(digest)
FROM events
WHERE invoice_id = ANY(:invoice_ids::invoice_id[])
UNION ALL
SELECT 'open', count(*), sum(digest)
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND NOT billed
    AND occurred_at >= :starts
    AND occurred_at < :ends;

-- name: rewritten_events
-- The tenant's events that are younger than a transaction, but for some, and who wrote them: of each
-- writer a few, so that however many arrive meanwhile, they hide nobody else's.
SELECT young.id, young.wrote
FROM (
    SELECT
        looked_at.{id}::text AS id,
        looked_at.xmin::text AS wrote,
        row_number() OVER (PARTITION BY looked_at.xmin::text) AS nth
    FROM {table} AS looked_at
    WHERE looked_at.{owner} = {tenant}
        AND age(looked_at.xmin) <= age({since}::xid)
        AND NOT looked_at.{id}::text = ANY({own}::text[])
) AS young
WHERE young.nth <= 100;

-- name: shares_of_events
-- The tenant's events in so many shares by their ids, each boiled down like a fingerprint.
SELECT
    abs(hash_event_id(id, 0) % :shares::int)::int AS share,
    count(*) AS row_count,
    sum(digest)::numeric AS digest
FROM events
WHERE tenant_id = :tenant_id
GROUP BY share;

-- name: row_digests
-- The rows of the relations that are named, one by one: read only where the fingerprints differ, to name
-- what does; of events, the shares of them that differ. What is judged of
-- a row is hashed by itself: somebody else may change the rest of it.
SELECT 'tenants' AS relation, id::text AS id, digest::numeric AS digest,
    hashtextextended(ROW(status)::text, 0) AS judged
FROM tenants
WHERE id = :tenant_id AND 'tenants' = ANY(:relations::text[])
UNION ALL
SELECT 'terms', id::text, digest,
    hashtextextended(ROW(finding_type, currency, rate, valid_from, valid_to)::text, 0)
FROM terms
WHERE tenant_id = :tenant_id AND 'terms' = ANY(:relations::text[])
UNION ALL
SELECT 'events', id::text, digest,
    hashtextextended(ROW(
        key, amount, currency, finding_type, occurred_at, billable, billed, invoice_id
    )::text, 0)
FROM events
WHERE tenant_id = :tenant_id
    AND 'events' = ANY(:relations::text[])
    AND (:shares::int = 1 OR abs(hash_event_id(id, 0) % :shares) = ANY(:chosen::int[]))
UNION ALL
SELECT 'invoices', id::text, digest,
    hashtextextended(ROW(
        number, status, currency, period_start, period_end, event_count, recovered_amount,
        gain_share_amount, idempotency_key, created_at, issued_at, paid_at
    )::text, 0)
FROM invoices
WHERE tenant_id = :tenant_id AND 'invoices' = ANY(:relations::text[])
UNION ALL
SELECT 'lines', line.id::text, line.digest, hashtextextended(line.digest::text, 0)
FROM lines AS line
JOIN invoices AS invoice ON invoice.id = line.invoice_id
WHERE invoice.tenant_id = :tenant_id AND 'lines' = ANY(:relations::text[])
ORDER BY relation, id;

-- name: added_rows
-- The rows that the run itself added and that may be there for now.
SELECT 'events' AS relation, id::text AS id, digest::numeric AS digest
FROM events
WHERE id = ANY(:event_ids::event_id[])
UNION ALL
SELECT 'invoices', id::text, digest
FROM invoices
WHERE id = ANY(:invoice_ids::invoice_id[])
UNION ALL
SELECT 'lines', id::text, digest
FROM lines
WHERE invoice_id = ANY(:invoice_ids::invoice_id[]);

-- name: current_transaction
-- The newest transaction that there is; what is written later is younger.
SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text AS transaction;

-- name: oldest_transaction
-- The oldest transaction that has not ended in what is seen; whatever has not, is not older.
SELECT pg_snapshot_xmin(pg_current_snapshot())::xid::text AS transaction;

-- name: any_changes_with_time
-- Whether any function of these names may tell two things of one row.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_proc WHERE proname = ANY(:functions::text[]) AND provolatile <> 'i'
) AS any_changes_with_time;

-- name: rows_since
-- How many rows of a table are younger than a transaction, whoever wrote them: age() counts
-- transactions back from now, so that it does not matter where their numbers begin again.
SELECT count(*) AS row_count FROM looked_at WHERE age(xmin) <= age(:transaction::xid);

-- name: parts_of_name
-- The parts of a table's name as SQL reads it: "AuditLog" in quotes keeps its capitals.
SELECT parse_ident(:name) AS parts;
