-- name: read_only
-- A catalogue is only looked at: from here on the server refuses to write.
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;

-- name: tables
-- What people made in this database: tables, partitioned ones once and not each of their parts, and
-- views; about how many rows each has, where the server has counted, and whether they may be read.
SELECT
    relation.oid::bigint AS oid,
    namespace.nspname AS schema,
    relation.relname AS plain,
    format('%I.%I', namespace.nspname, relation.relname) AS name,
    relation.relkind IN ('v', 'm') AS is_view,
    greatest(relation.reltuples, 0)::bigint AS row_count,
    has_schema_privilege(namespace.oid, 'USAGE')
        AND has_table_privilege(relation.oid, 'SELECT') AS readable
FROM pg_catalog.pg_class AS relation
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE relation.relkind IN ('r', 'p', 'v', 'm')
    AND NOT relation.relispartition
    AND namespace.nspname <> 'information_schema'
    AND NOT starts_with(namespace.nspname, 'pg_')
    -- What an extension brought along is not the platform's.
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend
        WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = relation.oid AND deptype = 'e'
    )
ORDER BY schema, plain;

-- name: columns
-- In their order, each as SQL writes it and as it is; the labels of an enum are its words. A domain is
-- told by what it is made of.
SELECT
    described.attrelid::bigint AS table_oid,
    described.attnum AS number,
    quote_ident(described.attname) AS name,
    described.attname AS plain,
    pg_catalog.format_type(described.atttypid, described.atttypmod) AS type,
    CASE WHEN type.typtype = 'd' THEN base.typname ELSE type.typname END AS base,
    NOT described.attnotnull AS nullable,
    described.attidentity <> '' OR described.attgenerated <> '' AS is_made,
    described.attgenerated <> '' AS is_generated,
    coalesce(pg_catalog.pg_get_expr(fallback.adbin, fallback.adrelid), '') AS fallback,
    ARRAY(
        SELECT label.enumlabel::text
        FROM pg_catalog.pg_enum AS label
        WHERE label.enumtypid = described.atttypid
        ORDER BY label.enumsortorder
    ) AS labels
FROM pg_catalog.pg_attribute AS described
JOIN pg_catalog.pg_type AS type ON type.oid = described.atttypid
LEFT JOIN pg_catalog.pg_type AS base ON base.oid = type.typbasetype
LEFT JOIN pg_catalog.pg_attrdef AS fallback
    ON fallback.adrelid = described.attrelid AND fallback.adnum = described.attnum
WHERE described.attrelid = ANY(:oids::bigint[]) AND described.attnum > 0 AND NOT described.attisdropped
ORDER BY table_oid, number;

-- name: constraints
-- Primary and foreign keys, checks, exclusions: kind, columns, and how it is written.
SELECT
    held.conrelid::bigint AS table_oid,
    held.conname AS name,
    held.contype::text AS kind,
    held.confrelid::bigint AS target_oid,
    held.confdeltype::text AS on_delete,
    coalesce(held.conkey, '{}')::int[] AS numbers,
    coalesce(held.confkey, '{}')::int[] AS target_numbers,
    pg_catalog.pg_get_constraintdef(held.oid) AS definition
FROM pg_catalog.pg_constraint AS held
WHERE held.conrelid = ANY(:oids::bigint[]) AND held.contype IN ('p', 'f', 'c', 'x')
ORDER BY table_oid, name;

-- name: indexes
-- Those that keep values unique, and those that hold for some rows only.
SELECT
    held.indrelid::bigint AS table_oid,
    index.relname AS name,
    held.indisunique AS is_unique,
    held.indkey::int[] AS numbers,
    coalesce(pg_catalog.pg_get_expr(held.indpred, held.indrelid), '') AS predicate
FROM pg_catalog.pg_index AS held
JOIN pg_catalog.pg_class AS index ON index.oid = held.indexrelid
WHERE held.indrelid = ANY(:oids::bigint[])
    AND held.indisvalid
    AND (held.indisunique OR held.indpred IS NOT NULL)
ORDER BY table_oid, name;

-- name: words
-- The different words of a column, the commonest first, among the rows that a glance takes in.
SELECT told.word::text AS word, count(*) AS row_count
FROM (SELECT {column} AS word FROM {table} LIMIT :glance) AS told
WHERE told.word IS NOT NULL
GROUP BY told.word
ORDER BY row_count DESC, word
LIMIT :most;

-- name: tiers_of_terms
-- How many tiers there are, and of how many the terms are there.
SELECT
    count(*) AS tier_count,
    count(*) FILTER (WHERE tier.terms_id::text IN (SELECT id::text FROM terms)) AS known_count
FROM tiers AS tier;

-- name: word_is_there
-- Whether a table that others point to has a word.
SELECT EXISTS (SELECT FROM {table} WHERE {column}::text = :word) AS is_there;

-- name: held_words
-- The different statuses in a relation, and how many rows have each.
SELECT status::text AS status, count(*) AS row_count
FROM looked_at
WHERE status IS NOT NULL
GROUP BY status
ORDER BY row_count DESC, status
LIMIT :most;

-- name: whom
-- The tenants of a relation, for people to choose from.
SELECT id::text AS id, name, status::text AS status FROM looked_at ORDER BY name, id;
