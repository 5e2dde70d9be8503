-- name: references
-- Every foreign key: which rows of a child point to which of a parent, what becomes of them when the
-- parent's row is deleted, by what key a child's row is known, which of its columns may let go, and
-- whether the session may read and remove there. What PostgreSQL repeats for the parts of a partitioned
-- table is left out; a part counts as the whole.
SELECT
    format('%I.%I', child_space.nspname, child.relname) AS child,
    coalesce(pg_partition_root(held.conrelid)::oid, held.conrelid)::bigint AS child_root,
    format('%I.%I', parent_space.nspname, parent.relname) AS parent,
    coalesce(pg_partition_root(held.confrelid)::oid, held.confrelid)::bigint AS parent_root,
    ARRAY(
        SELECT quote_ident(described.attname)
        FROM unnest(held.conkey) WITH ORDINALITY AS named (number, place)
        JOIN pg_attribute AS described
            ON described.attrelid = held.conrelid AND described.attnum = named.number
        ORDER BY named.place
    ) AS columns,
    ARRAY(
        SELECT quote_ident(described.attname)
        FROM unnest(held.confkey) WITH ORDINALITY AS named (number, place)
        JOIN pg_attribute AS described
            ON described.attrelid = held.confrelid AND described.attnum = named.number
        ORDER BY named.place
    ) AS referred,
    ARRAY(
        SELECT quote_ident(described.attname)
        FROM pg_index AS indexed
        JOIN pg_attribute AS described
            ON described.attrelid = indexed.indrelid AND described.attnum = ANY(indexed.indkey)
        WHERE indexed.indrelid = held.conrelid AND indexed.indisprimary
        ORDER BY described.attnum
    ) AS key,
    ARRAY(
        SELECT quote_ident(described.attname)
        FROM pg_attribute AS described
        WHERE described.attrelid = held.conrelid
            AND described.attnum = ANY(held.conkey)
            AND NOT described.attnotnull
    ) AS loose,
    held.confdeltype::text AS on_delete,
    has_schema_privilege(child_space.oid, 'USAGE')
        AND has_table_privilege(held.conrelid, 'SELECT') AS reads,
    has_schema_privilege(child_space.oid, 'USAGE')
        AND has_table_privilege(held.conrelid, 'SELECT')
        AND (
            has_table_privilege(held.conrelid, 'DELETE')
            OR has_any_column_privilege(held.conrelid, 'UPDATE')
        ) AS may
FROM pg_constraint AS held
JOIN pg_class AS child ON child.oid = held.conrelid
JOIN pg_namespace AS child_space ON child_space.oid = child.relnamespace
JOIN pg_class AS parent ON parent.oid = held.confrelid
JOIN pg_namespace AS parent_space ON parent_space.oid = parent.relnamespace
WHERE held.contype = 'f' AND held.conparentid = 0
ORDER BY child, parent, columns;

-- name: rows_of_ids
-- Where the rows of some ids lie.
SELECT tableoid::bigint AS table_oid, ctid::text AS place FROM {table} WHERE {column} IN ({ids});

-- name: referring_rows
-- The rows of a child that point to some rows of its parent, each by its key, as text.
SELECT child.tableoid::bigint AS table_oid, child.ctid::text AS place, ARRAY[{key}]::text[] AS key
FROM {child} AS child
WHERE ({columns}) IN (
    SELECT {referred}
    FROM {parent} AS parent
    WHERE parent.tableoid = :table_oid AND parent.ctid = ANY(:places::tid[])
)
LIMIT :most;

-- name: known_rows
-- Which of some keys a session sees: the one that still sees what was there before the run.
SELECT ARRAY[{key}]::text[] AS key FROM {child} AS child WHERE ({columns}) IN ({values});

-- name: delete_rows
DELETE FROM {child} WHERE ({columns}) IN ({values});

-- name: let_go
-- A row that was there before, or that may have been, only lets go of what it points to.
UPDATE {child} SET {column} = NULL WHERE ({columns}) IN ({values});

-- name: allow
-- What the owner of the tables is to run, so that rows that point to a run's own can go before them.
GRANT SELECT, DELETE ON {tables} TO {role};

-- name: remember_ids
-- What a command removes is found once: the first of its statements may undo by what it is found.
CREATE TEMPORARY TABLE p9a_left ON COMMIT DROP AS {found};

-- name: remembered_ids
SELECT id FROM p9a_left;

-- name: guards
-- Triggers and rules that meet whoever deletes from a table, or from a part of it, as they are written.
WITH RECURSIVE parts AS (
    SELECT :table_oid::oid AS oid
    UNION
    SELECT inherited.inhrelid
    FROM parts JOIN pg_inherits AS inherited ON inherited.inhparent = parts.oid
)
SELECT
    format('trigger %s', guard.tgname) AS name,
    format('%I.%I', space.nspname, relation.relname) AS on_table,
    pg_get_triggerdef(guard.oid) AS definition,
    format('TRIGGER %I', guard.tgname) AS switch,
    relation.relkind = 'v' AS of_view
FROM parts
JOIN pg_trigger AS guard ON guard.tgrelid = parts.oid
JOIN pg_class AS relation ON relation.oid = parts.oid
JOIN pg_namespace AS space ON space.oid = relation.relnamespace
WHERE NOT guard.tgisinternal
    AND guard.tgenabled IN ('O', 'A')
    AND guard.tgparentid = 0
    AND guard.tgtype & 8 <> 0 -- FOR DELETE
UNION ALL
SELECT
    format('rule %s', guard.rulename),
    format('%I.%I', space.nspname, relation.relname),
    pg_get_ruledef(guard.oid),
    format('RULE %I', guard.rulename),
    relation.relkind = 'v'
FROM parts
JOIN pg_rewrite AS guard ON guard.ev_class = parts.oid
JOIN pg_class AS relation ON relation.oid = parts.oid
JOIN pg_namespace AS space ON space.oid = relation.relnamespace
WHERE guard.ev_type = '4' AND guard.ev_enabled IN ('O', 'A') -- ON DELETE
ORDER BY on_table, name;

-- name: replica
-- A table of the same columns, gone with the transaction, that a guard may show on what it does.
CREATE TEMPORARY TABLE p9a_replica ON COMMIT DROP AS SELECT * FROM {table} WITH NO DATA;

-- name: sample
INSERT INTO pg_temp.p9a_replica ({columns}) VALUES ({values});

-- name: delete_sample
DELETE FROM pg_temp.p9a_replica;

-- name: samples
SELECT count(*) AS samples FROM pg_temp.p9a_replica;

-- name: switch_off
ALTER TABLE {table} DISABLE {guard};

-- name: switch_on
ALTER TABLE {table} ENABLE {guard};

-- name: rows_kept
-- By table, the rows that this transaction has inserted, updated and deleted so far, triggers included.
SELECT
    format('%I.%I', schemaname, relname) AS name, n_tup_ins AS inserted, n_tup_upd AS updated,
    n_tup_del AS deleted
FROM pg_stat_xact_user_tables;

-- name: column_names
-- A table's name and its columns' as SQL writes them, by the columns' numbers; a part counts as the whole.
SELECT
    format('%I.%I', space.nspname, relation.relname) AS table_name,
    relation.relkind IN ('r', 'p') AS is_table,
    coalesce(pg_partition_root(relation.oid)::oid, relation.oid)::bigint AS root,
    described.attnum AS number,
    quote_ident(described.attname) AS name
FROM pg_class AS relation
JOIN pg_namespace AS space ON space.oid = relation.relnamespace
JOIN pg_attribute AS described ON described.attrelid = relation.oid
WHERE relation.oid = :table_oid::oid AND described.attnum > 0 AND NOT described.attisdropped;
