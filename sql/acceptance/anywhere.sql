-- name: tables_anywhere
-- Every table that people made in this database, partitioned ones once, what materialized views keep,
-- and the large objects: how large it is, whether its rows may be read, all of them, and now; under
-- which name the description declares it; and which of its columns point to a judged row's id. Where
-- a part of a table lies elsewhere, its other parts are told one by one, under the table's name.
WITH RECURSIVE member (root, oid, is_far) AS (
    SELECT relation.oid, relation.oid, relation.relkind = 'f'
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relkind IN ('r', 'p', 'm', 'f')
        AND NOT relation.relispartition
        AND relation.relispopulated
        AND relation.relpersistence <> 't'
        AND namespace.nspname <> 'information_schema'
        AND NOT starts_with(namespace.nspname, 'pg_')
    UNION ALL
    SELECT large.oid, large.oid, false
    FROM pg_catalog.pg_class AS large
    WHERE large.oid = 'pg_catalog.pg_largeobject_metadata'::regclass
    UNION ALL
    SELECT member.root, part.inhrelid, relation.relkind = 'f'
    FROM member
    JOIN pg_catalog.pg_inherits AS part ON part.inhparent = member.oid
    JOIN pg_catalog.pg_class AS relation
        ON relation.oid = part.inhrelid AND relation.relispartition
),
held AS (
    SELECT DISTINCT relation AS oid
    FROM pg_catalog.pg_locks
    WHERE locktype = 'relation'
        AND database = (
            SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()
        )
        AND mode = 'AccessExclusiveLock'
        AND pid <> pg_backend_pid()
),
brought AS (
    SELECT objid AS oid
    FROM pg_catalog.pg_depend
    WHERE classid = 'pg_catalog.pg_class'::regclass AND deptype = 'e'
),
split AS (
    SELECT DISTINCT root FROM member WHERE is_far
),
whole AS (
    SELECT
        member.root,
        CASE WHEN split.root IS NULL THEN member.root ELSE member.oid END AS place,
        sum(greatest(relation.relpages, 0))::bigint AS pages,
        bool_or(held.oid IS NOT NULL) AS locked
    FROM member
    JOIN pg_catalog.pg_class AS relation ON relation.oid = member.oid
    LEFT JOIN split ON split.root = member.root
    LEFT JOIN held ON held.oid = member.oid
    WHERE split.root IS NULL OR relation.relkind <> 'p'
    GROUP BY member.root, place
)
SELECT
    whole.root::bigint AS oid,
    namespace.nspname AS schema,
    relation.relname AS plain,
    CASE
        WHEN relation.relkind = 'f' THEN format('%I.%I', namespace.nspname, relation.relname)
        ELSE (
            SELECT format('%I.%I', space.nspname, root.relname)
            FROM pg_catalog.pg_class AS root
            JOIN pg_catalog.pg_namespace AS space ON space.oid = root.relnamespace
            WHERE root.oid = whole.root
        )
    END AS name,
    relation.relkind = 'p' AS is_partitioned,
    -- A queue that an extension brought along may hold rows of the run; what else stands there is its
    -- own, as rows of a materialized view are everybody's.
    relation.relkind = 'm' OR brought.oid IS NOT NULL AS is_derived,
    whole.pages,
    CASE
        WHEN relation.relkind = 'f' THEN 'lies outside this database'
        WHEN NOT has_schema_privilege(namespace.oid, 'USAGE')
            OR NOT has_table_privilege(relation.oid, 'SELECT')
        THEN 'may not be read'
        WHEN row_security_active(relation.oid) THEN 'row-level security may hide rows of it'
        WHEN whole.locked THEN 'another session keeps everybody else off it'
        ELSE ''
    END AS obstacle,
    (
        SELECT min(leaf)
        FROM unnest(:declared::text[]) AS leaf
        WHERE to_regclass(leaf) IN (relation.oid, whole.root)
    ) AS declared,
    ARRAY(
        SELECT json_build_object(
            'table', pointing.confrelid::bigint,
            'to', referred.attname,
            'column', referring.attname
        )::text
        FROM pg_catalog.pg_constraint AS pointing
        CROSS JOIN LATERAL unnest(pointing.conkey, pointing.confkey)
            AS pointed (own, number)
        JOIN pg_catalog.pg_attribute AS referring
            ON referring.attrelid = relation.oid AND referring.attnum = pointed.own
        JOIN pg_catalog.pg_attribute AS referred
            ON referred.attrelid = pointing.confrelid AND referred.attnum = pointed.number
        WHERE pointing.conrelid = relation.oid
            AND pointing.contype = 'f'
            AND pointing.confrelid = ANY(:judged::oid[])
    ) AS pointing
FROM whole
JOIN pg_catalog.pg_class AS relation ON relation.oid = whole.place
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
LEFT JOIN brought ON brought.oid = whole.root
-- What of an extension may not be read is for nobody to look at.
WHERE brought.oid IS NULL
    OR has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(relation.oid, 'SELECT')
ORDER BY name, plain;

-- name: any_left_since
-- Whether rows can be seen that are younger than a transaction: this one has written some, or one of
-- those that have begun since has ended well. Where these are very many, that is taken for granted.
WITH seen (ends) AS (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint),
young AS (
    -- A transaction's number without its upper half, as it stands in a row, comes round again.
    SELECT ends, (ends % 4294967296 - :since::text::bigint + 4294967296) % 4294967296 AS number
    FROM seen
)
SELECT
    CASE
        WHEN pg_current_xact_id_if_assigned() IS NOT NULL OR number > 10000 THEN true
        ELSE EXISTS (
            SELECT FROM generate_series(ends - number, ends - 1) AS one
            WHERE coalesce(pg_xact_status(one::text::xid8), 'committed') = 'committed'
        )
    END AS any_left
FROM young;

-- name: rows_anywhere
-- The rows of one table that are younger than a transaction: who wrote them, and whether they speak
-- of an invoice that stays on record, of the run, or of its tenant. Each row is read as JSON, so that
-- every column and key is by its name.
SELECT
    {number}::integer AS number,
    young.transaction,
    CASE
        WHEN young.said ~* {record}::text THEN 'record'
        WHEN young.said ~* {run}::text THEN 'run'
        WHEN young.said ~* {tenant}::text THEN 'tenant'
        ELSE ''
    END AS kind,
    count(*) AS row_count
FROM (
    SELECT looked_at.xmin::text AS transaction, row_to_json(looked_at)::text AS said
    FROM {table} AS looked_at
    WHERE age(looked_at.xmin) <= age({since}::xid)
) AS young
GROUP BY young.transaction, kind;

-- name: rows_taken
-- The rows of one table that are seen as they were, and that a transaction of the run has deleted,
-- changed or locked since; and whether they speak of the tenant.
SELECT
    {number}::integer AS number,
    taken.said,
    taken.said ~* {tenant}::text AS is_own
FROM (
    SELECT row_to_json(looked_at)::text AS said
    FROM {table} AS looked_at
    WHERE looked_at.xmax::text = ANY({transactions}::text[])
) AS taken;

-- name: rows_replaced
-- The rows of one table that are seen as they were, and that a transaction younger than another one
-- has deleted, changed or locked since, and which.
SELECT {number}::integer AS number, taken.said, taken.transaction
FROM (
    SELECT row_to_json(looked_at)::text AS said, looked_at.xmax::text AS transaction
    FROM {table} AS looked_at
    WHERE looked_at.xmax <> 0 AND age(looked_at.xmax) <= age({since}::xid)
) AS taken;

-- name: rows_nameless
-- A few of the rows of one table that are younger than a transaction, and do not speak of the run.
(
    SELECT {number}::integer AS number, young.said, young.transaction
    FROM (
        SELECT row_to_json(looked_at)::text AS said, looked_at.xmin::text AS transaction
        FROM {table} AS looked_at
        WHERE age(looked_at.xmin) <= age({since}::xid)
    ) AS young
    WHERE young.said !~* {run}::text
    LIMIT 100
);

-- name: rows_still_there
-- Of these rows, those that were locked only, or are again as they were.
SELECT count(*) AS row_count
FROM {table} AS looked_at
WHERE row_to_json(looked_at)::text = ANY({said}::text[]);

-- name: writers_of_rows
-- Which transaction wrote a row, and which has deleted, changed or locked it since.
SELECT looked_at.{id}::text AS id, looked_at.xmin::text AS wrote, looked_at.xmax::text AS took
FROM {table} AS looked_at
WHERE looked_at.{id} = ANY({ids}::{type}[]);

-- name: some_rows_of_writers
-- A few of the rows of a table that these transactions wrote.
SELECT looked_at.{id}::text AS id
FROM {table} AS looked_at
WHERE looked_at.xmin::text = ANY({transactions}::text[])
LIMIT 3;

-- name: tables_written
-- The tables that the open transaction has written to so far, whether anything of that is left or not,
-- and how many rows; a part counts as the whole. Large objects are in a table of the server's.
SELECT
    coalesce(pg_partition_root(relid)::oid, relid)::bigint AS oid,
    sum(n_tup_ins)::bigint AS inserted,
    sum(n_tup_upd)::bigint AS updated,
    sum(n_tup_del)::bigint AS deleted
FROM pg_catalog.pg_stat_xact_all_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
    AND (
        relid = 'pg_catalog.pg_largeobject_metadata'::regclass
        OR schemaname <> 'information_schema' AND NOT starts_with(schemaname, 'pg_')
    )
GROUP BY 1;

-- name: tables_stored
-- In which file each table that people made is, a part under the whole, which transaction put it there,
-- if nothing else was changed of it since, and about how many rows it has. No table is locked for it.
SELECT
    coalesce(pg_partition_root(relation.oid)::oid, relation.oid)::bigint AS oid,
    relation.relfilenode::bigint AS stored,
    relation.xmin::text AS wrote,
    pg_stat_get_live_tuples(relation.oid) AS rows
FROM pg_catalog.pg_class AS relation
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE relation.relkind = 'r'
    AND relation.relpersistence <> 't'
    AND namespace.nspname <> 'information_schema'
    AND NOT starts_with(namespace.nspname, 'pg_');

-- name: columns_by_number
-- What columns are called, and the tables that they are in; of a view nothing is told.
SELECT
    relation.oid::bigint AS table_oid,
    described.attnum AS number,
    format('%I.%I', namespace.nspname, relation.relname) AS name,
    namespace.nspname AS schema,
    relation.relname AS plain,
    described.attname AS column
FROM unnest(:tables::oid[], :numbers::int2[]) AS asked (table_oid, number)
JOIN pg_catalog.pg_class AS relation
    ON relation.oid = asked.table_oid AND relation.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
JOIN pg_catalog.pg_attribute AS described
    ON described.attrelid = relation.oid AND described.attnum = asked.number;

-- name: tables_under
-- The tables that some are, or that views of them are made of. What a rule beside writes to is neither.
WITH RECURSIVE under (oid) AS (
    SELECT unnest(:tables::oid[])
    UNION
    SELECT needed.refobjid
    FROM under
    JOIN pg_catalog.pg_rewrite AS rule ON rule.ev_class = under.oid AND rule.ev_type = '1'
    JOIN pg_catalog.pg_depend AS needed
        ON needed.classid = 'pg_catalog.pg_rewrite'::regclass
        AND needed.objid = rule.oid
        AND needed.refclassid = 'pg_catalog.pg_class'::regclass
)
SELECT under.oid::bigint AS oid
FROM under
JOIN pg_catalog.pg_class AS relation
    ON relation.oid = under.oid AND relation.relkind IN ('r', 'p');

-- name: sequences_anywhere
-- Where each sequence stands, how many numbers a session draws of it at once, whether that may be
-- read, and the columns whose ids it counts: those
-- that own it, or that take their default from it.
SELECT
    format('%I.%I', namespace.nspname, relation.relname) AS name,
    counted.seqincrement AS increment,
    counted.seqcache AS at_once,
    (
        SELECT min(leaf)
        FROM unnest(:declared::text[]) AS leaf
        WHERE to_regclass(leaf) = relation.oid
    ) AS declared,
    has_schema_privilege(namespace.oid, 'USAGE')
        AND has_sequence_privilege(relation.oid, 'SELECT,USAGE') AS readable,
    stands.last_value,
    ARRAY(
        SELECT concat(owned.refobjid, ' ', owned.refobjsubid)
        FROM pg_catalog.pg_depend AS owned
        WHERE owned.classid = 'pg_catalog.pg_class'::regclass
            AND owned.objid = relation.oid
            AND owned.refclassid = 'pg_catalog.pg_class'::regclass
            AND owned.refobjsubid > 0
            AND owned.deptype IN ('a', 'i')
        UNION
        SELECT concat(fallback.adrelid, ' ', fallback.adnum)
        FROM pg_catalog.pg_depend AS needed
        JOIN pg_catalog.pg_attrdef AS fallback ON fallback.oid = needed.objid
        WHERE needed.classid = 'pg_catalog.pg_attrdef'::regclass
            AND needed.refclassid = 'pg_catalog.pg_class'::regclass
            AND needed.refobjid = relation.oid
    ) AS feeds
FROM pg_catalog.pg_sequence AS counted
JOIN pg_catalog.pg_class AS relation ON relation.oid = counted.seqrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
JOIN pg_catalog.pg_sequences AS stands
    ON stands.schemaname = namespace.nspname AND stands.sequencename = relation.relname
WHERE relation.relpersistence <> 't'
ORDER BY name;

-- name: rest
-- Does nothing for a while.
SELECT pg_sleep(:seconds);

-- name: rows_as_told
-- Some rows of a table, each as JSON.
SELECT looked_at.{id}::text AS id, row_to_json(looked_at)::text AS said
FROM {table} AS looked_at
WHERE looked_at.{id} = ANY({ids}::{type}[]);

-- name: put_back
-- What a row had in these columns it has again, if an invoice still claims it.
UPDATE {table} AS looked_at
SET {columns}
FROM json_populate_record(NULL::{table}, {said}::json) AS earlier
WHERE looked_at.{id} = earlier.{id} AND looked_at.{claim} = {invoice};
