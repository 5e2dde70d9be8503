-- name: watched_tables
-- Every table that people made, partitioned ones once, and whether it may be read.
SELECT
    namespace.nspname AS schema,
    relation.relname AS plain,
    format('%I.%I', namespace.nspname, relation.relname) AS name,
    has_schema_privilege(namespace.oid, 'USAGE')
        AND has_table_privilege(relation.oid, 'SELECT') AS readable
FROM pg_catalog.pg_class AS relation
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE relation.relkind IN ('r', 'p')
    AND NOT relation.relispartition
    AND namespace.nspname <> 'information_schema'
    AND NOT starts_with(namespace.nspname, 'pg_')
ORDER BY schema, plain;

-- name: rows_of_table
-- How many rows a table has, and how many of them are younger than a transaction.
SELECT
    count(*) AS row_count,
    count(*) FILTER (WHERE age(xmin) <= age(:transaction::xid)) AS written
FROM {table};

-- name: rows_and_younger
-- How many rows of a tenant a table has, and how many of them are younger than a transaction: no row
-- is read but for the number of whoever wrote it. age() counts back from now, wherever numbers begin again.
SELECT
    count(*) AS row_count,
    count(*) FILTER (WHERE age(looked_at.xmin) <= age(:since::xid)) AS younger
FROM {table} AS looked_at
WHERE looked_at.{column} = :tenant_id;

-- name: watched_sequences
-- Where each sequence stands, and the table whose ids it counts, if it counts any. One that was never
-- used, or that may not be read, stands nowhere.
SELECT
    format('%I.%I', sequence.schemaname, sequence.sequencename) AS name,
    sequence.last_value,
    coalesce(
        (
            SELECT format('%I.%I', owner_schema.nspname, owner.relname)
            FROM pg_catalog.pg_depend AS held
            JOIN pg_catalog.pg_class AS owner ON owner.oid = held.refobjid
            JOIN pg_catalog.pg_namespace AS owner_schema ON owner_schema.oid = owner.relnamespace
            WHERE held.classid = 'pg_catalog.pg_class'::regclass
                AND held.refclassid = 'pg_catalog.pg_class'::regclass
                AND held.deptype IN ('a', 'i')
                AND held.objid = to_regclass(
                    format('%I.%I', sequence.schemaname, sequence.sequencename)
                )
            LIMIT 1
        ),
        ''
    ) AS of_table
FROM pg_catalog.pg_sequences AS sequence
ORDER BY name;
