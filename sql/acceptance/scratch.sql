-- name: needed_columns
-- What a new row of a table must say, for it is neither made nor has a default; and by what a value of
-- its own is told from others, where one column must be unique.
SELECT
    quote_ident(needed.attname) AS name,
    type.typcategory::text AS category,
    type.typname::text AS type,
    (SELECT label.enumlabel FROM pg_catalog.pg_enum AS label
     WHERE label.enumtypid = type.oid ORDER BY label.enumsortorder LIMIT 1) AS label,
    EXISTS (
        SELECT FROM pg_catalog.pg_index AS held
        WHERE held.indrelid = needed.attrelid
            AND held.indisunique
            AND held.indnkeyatts = 1
            AND held.indkey[0] = needed.attnum
    ) AS is_unique
FROM pg_catalog.pg_attribute AS needed
JOIN pg_catalog.pg_type AS type ON type.oid = needed.atttypid
WHERE needed.attrelid = to_regclass(:table)
    AND needed.attnum > 0
    AND NOT needed.attisdropped
    AND (needed.attnotnull OR type.typnotnull)
    AND NOT needed.atthasdef
    AND needed.attidentity = ''
ORDER BY needed.attnum;

-- name: digits
-- How many digits a numeric column keeps before the point and after it; no row where it keeps all.
SELECT (kept.precision - kept.scale)::int AS whole, kept.scale::int AS scale
FROM pg_catalog.pg_attribute AS described,
    LATERAL (
        SELECT
            ((described.atttypmod - 4) >> 16) & 65535 AS precision,
            (described.atttypmod - 4) & 2047 AS scale
    ) AS kept
WHERE described.attrelid = :table::oid
    AND described.attnum = :number
    AND described.atttypid = 'pg_catalog.numeric'::regtype
    AND described.atttypmod >= 4;

-- name: pointed_to
-- The table and column that a single column of a table must point to; no row where it is free.
SELECT
    format('%I.%I', namespace.nspname, target.relname) AS table,
    quote_ident(key.attname) AS column
FROM pg_catalog.pg_constraint AS held
JOIN pg_catalog.pg_attribute AS own
    ON own.attrelid = held.conrelid AND held.conkey = ARRAY[own.attnum]
JOIN pg_catalog.pg_attribute AS key
    ON key.attrelid = held.confrelid AND held.confkey = ARRAY[key.attnum]
JOIN pg_catalog.pg_class AS target ON target.oid = held.confrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = target.relnamespace
WHERE held.contype = 'f' AND held.conrelid = to_regclass(:table) AND own.attname = :column;

-- name: starts_of_partitions
-- Days on which a partition of a table by range begins, the newest first.
SELECT DISTINCT found.day::date AS day
FROM pg_catalog.pg_inherits AS inherited
JOIN pg_catalog.pg_class AS part ON part.oid = inherited.inhrelid AND part.relispartition
CROSS JOIN LATERAL (
    SELECT substring(pg_catalog.pg_get_expr(part.relpartbound, part.oid)
        FROM $$FROM \('(\d{4}-\d\d-\d\d)[^']*'\)$$) AS day
) AS found
WHERE inherited.inhparent = to_regclass(:table) AND found.day IS NOT NULL
ORDER BY day DESC
LIMIT 120;
