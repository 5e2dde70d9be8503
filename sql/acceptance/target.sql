-- name: backend_pid
-- Which of the server's processes answers: it sets nothing, so that it can be asked of a pooler.
SELECT pg_catalog.pg_backend_pid();

-- name: prepare_session
-- The gate is a guest: it says who it is, and no wait of its own lasts for ever. It reads and writes
-- in one way, whatever the place; names of the catalog mean the catalog's, then the database's own.
-- Only its own end ends it while it waits: the lock and the books must outlast the slowest platform,
-- and a client that is gone is noticed by its silence. Rows that a policy would hide are an error
-- instead of none. A commit waits for no standby: what the gate commits, it takes away again.
-- A row's text, by which it is hashed where a type has no hash, is one and exact.
SELECT
    pg_catalog.set_config('application_name', :application_name, false),
    pg_catalog.set_config('statement_timeout', :statement_timeout, false),
    pg_catalog.set_config('lock_timeout', :lock_timeout, false),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false),
    pg_catalog.set_config('idle_session_timeout', '0', false),
    CASE WHEN pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL -- PostgreSQL 17
        THEN pg_catalog.set_config('transaction_timeout', '0', false) END,
    pg_catalog.set_config('tcp_keepalives_idle', '60', false),
    pg_catalog.set_config('tcp_keepalives_interval', '10', false),
    pg_catalog.set_config('tcp_keepalives_count', '6', false),
    pg_catalog.set_config('default_transaction_isolation', 'read committed', false),
    pg_catalog.set_config('row_security', 'off', false),
    pg_catalog.set_config('quote_all_identifiers', 'off', false),
    CASE WHEN pg_catalog.current_setting('synchronous_commit') <> 'off'
        THEN pg_catalog.set_config('synchronous_commit', 'local', false) END,
    pg_catalog.set_config('jit', 'off', false),
    pg_catalog.set_config('TimeZone', 'UTC', false),
    pg_catalog.set_config('DateStyle', 'ISO', false),
    pg_catalog.set_config('IntervalStyle', 'postgres', false),
    pg_catalog.set_config('extra_float_digits', '1', false),
    pg_catalog.set_config('bytea_output', 'hex', false),
    pg_catalog.set_config('client_encoding', 'UTF8', false),
    pg_catalog.set_config('search_path', pg_catalog.concat_ws(
        ', ', 'pg_catalog', nullif(pg_catalog.current_setting('search_path'), '')
    ), false);

-- name: leave_as_new
-- What is left in a session that was used, but for what the server has planned: as DISCARD ALL does it.
-- What the last transaction counted is put aside, so that the next one counts from nothing.
CLOSE ALL;
SET SESSION AUTHORIZATION DEFAULT;
RESET ALL;
UNLISTEN *;
SELECT pg_catalog.pg_advisory_unlock_all();
DISCARD TEMP;
DISCARD SEQUENCES;
SELECT pg_catalog.pg_stat_force_next_flush();

-- name: any_leaves_traces
-- Whether a function that people made sets parameters of its own, which are empty from then on where
-- they were none, or throws away what is planned: no session is as new then.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_proc AS made
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = made.pronamespace
    WHERE namespace.nspname <> 'information_schema'
        AND NOT starts_with(namespace.nspname, 'pg_')
        AND (
            made.prosrc ~* '\m(set_config|deallocate)\M|\mset\s+((session|local)\s+)?"?\w+"?\s*[.]'
            OR EXISTS (
                SELECT FROM unnest(made.proconfig) AS setting
                WHERE strpos(split_part(setting, '=', 1), '.') > 0
            )
        )
) AS any_leaves_traces;

-- name: prepared
-- What was prepared by a statement of somebody's own, not by the driver.
SELECT name FROM pg_catalog.pg_prepared_statements WHERE from_sql;

-- name: whose_session
-- Which server, and which of its databases, answers.
SELECT
    (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
    (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS database,
    pg_is_in_recovery() AS standby;

-- name: clock
SELECT clock_timestamp();

-- name: what_keeps_from_writing
-- Also what would keep a commit from ending: synchronous standbys of which fewer are connected than
-- are waited for. Who may not see what kind of standby one is goes by its name. And whether triggers
-- fire and foreign keys hold: they do not for who writes as a replica does.
WITH wanted AS (
    SELECT
        setting,
        coalesce((regexp_match(setting, '^ *(?:first|any)? *([0-9]+) *[(]', 'i'))[1]::integer, 1)
            AS number,
        string_to_array(
            translate(regexp_replace(lower(setting), '^ *(first|any)? *[0-9]+ *[(]', ''), ' ")', ''), ','
        ) AS names
    FROM pg_settings
    WHERE name = 'synchronous_standby_names'
)
SELECT
    pg_is_in_recovery() AS standby,
    current_setting('transaction_read_only')::boolean AS read_only,
    current_setting('session_replication_role') = 'replica' AS as_replica,
    wanted.setting AS standbys,
    wanted.setting <> ''
        AND commits.reset_val NOT IN ('off', 'local')
        AND wanted.number > (
            SELECT count(*)
            FROM pg_stat_replication
            WHERE coalesce(
                sync_state IN ('sync', 'quorum'),
                ARRAY[lower(application_name), '*'] && wanted.names
            )
        ) AS standbys_missing
FROM wanted, pg_settings AS commits
WHERE commits.name = 'synchronous_commit';

-- name: names_of_target
-- By what production may be known. The database's own setting is read beside the session's: that one
-- may come from whoever connects.
SELECT 'the database' AS what, current_database()::text AS name
UNION ALL
SELECT 'app.environment', coalesce(current_setting('app.environment', true), '')
UNION ALL
SELECT 'app.environment', substr(setting, strpos(setting, '=') + 1)
FROM pg_db_role_setting AS stored, unnest(stored.setconfig) AS setting
WHERE stored.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND stored.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
    AND starts_with(setting, 'app.environment=');

-- name: describe_target
SELECT
    current_database() AS database,
    current_setting('server_version') AS server_version,
    (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier;

-- name: tenant
SELECT id::text AS id, name, slug, status FROM tenants WHERE id = :tenant_id;

-- name: active_tenants
-- Whom --tenant=all means.
SELECT id::text AS id FROM tenants WHERE status = ANY(:active::text[]) ORDER BY id;

-- name: tenants_called
-- The tenants that go by these ids or slugs.
SELECT id::text AS id, slug
FROM tenants
WHERE id::text = ANY(:names::text[]) OR slug = ANY(:names::text[])
ORDER BY id;

-- name: lock_tenant_runs
-- One run of the gate a tenant: held by the session until it ends, however it ends. Tells whose it is.
SELECT pg_backend_pid() FROM pg_advisory_lock(hashtextextended(concat('p9a ', :tenant_id::text), 0));

-- name: take_place
-- The first place of so many that no other session holds, held by this one until it ends; no row where
-- all are taken.
SELECT place
FROM generate_series(1, :places::int) AS place
WHERE pg_try_advisory_lock(hashtextextended(concat('p9a place ', place), 1))
LIMIT 1;

-- name: lock_is_held
-- Whether the process that took the lock is the one that answers, and holds it still; the key's halves
-- are how pg_locks shows it.
WITH key AS (SELECT hashtextextended(concat('p9a ', :tenant_id::text), 0) AS bits)
SELECT EXISTS (
    SELECT FROM pg_locks AS held
    JOIN key
        ON held.classid::bigint = (key.bits >> 32) & 4294967295
        AND held.objid::bigint = key.bits & 4294967295
    WHERE held.pid = pg_backend_pid()
        AND held.pid = :pid
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND held.locktype = 'advisory' AND held.objsubid = 1 AND held.granted
);

-- name: lock_holder
-- Who holds the lock that could not be had.
WITH key AS (SELECT hashtextextended(concat('p9a ', :tenant_id::text), 0) AS bits)
SELECT activity.application_name, activity.pid, activity.backend_start
FROM pg_locks AS held
JOIN key
    ON held.classid::bigint = (key.bits >> 32) & 4294967295
    AND held.objid::bigint = key.bits & 4294967295
JOIN pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND held.locktype = 'advisory' AND held.objsubid = 1 AND held.granted;

-- name: other_runs
-- The sessions of other runs of the gate on this database.
SELECT application_name, pid
FROM pg_stat_activity
WHERE datname = current_database()
    AND starts_with(application_name, 'p9a-gate ')
    AND application_name <> current_setting('application_name')
ORDER BY pid;

-- name: see_this_moment
-- A REPEATABLE READ transaction sees the moment of its first query, not that of its beginning.
SELECT pg_current_snapshot()::text;

-- name: forbid_writing
-- From here to the end of the transaction or savepoint the server itself refuses to write.
SET TRANSACTION READ ONLY;

-- name: rows_written
-- Rows that the open transaction has inserted, updated or deleted so far, in whatever table.
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
FROM pg_stat_xact_user_tables;

-- name: force_constraints
-- A transaction that is rolled back would never fire its deferred constraints.
SET CONSTRAINTS ALL IMMEDIATE;

-- name: table_name
-- What a table, or view, is called, with its schema.
SELECT concat(namespace.nspname, '.', relation.relname) AS name
FROM pg_catalog.pg_class AS relation
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE relation.oid = :table::oid;

-- name: keys_are_unique
-- Whether an index over nothing but these columns keeps their values unique, in every row.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_index
    WHERE indrelid = :table::oid
        AND indisunique
        AND indisvalid
        AND indpred IS NULL
        AND indexprs IS NULL
        AND indkey::int2[] <@ :numbers::int2[]
) AS keys_are_unique;

-- name: foreign_tables
-- Tables that people made in this database beside the ones that are named; a partition is part of one.
SELECT concat(namespace.nspname, '.', made.relname) AS name
FROM pg_catalog.pg_class AS made
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = made.relnamespace
WHERE made.relkind IN ('r', 'p')
    AND NOT made.relispartition
    AND namespace.nspname <> 'information_schema'
    AND NOT starts_with(namespace.nspname, 'pg_')
    AND NOT concat(namespace.nspname, '.', made.relname) = ANY(:known::text[])
ORDER BY name;

-- name: place_of_column
-- A table and its column as SQL writes them; no row of a view, whose rows nobody wrote.
SELECT
    format('%I.%I', namespace.nspname, kept.relname) AS table,
    quote_ident(described.attname) AS column
FROM pg_catalog.pg_attribute AS described
JOIN pg_catalog.pg_class AS kept ON kept.oid = described.attrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = kept.relnamespace
WHERE described.attrelid = :table::oid
    AND described.attnum = :number
    AND kept.relkind IN ('r', 'p');

-- name: table_exists
-- Whether there is a table, or a view, of that name.
SELECT to_regclass(:table) IS NOT NULL AS table_exists;

-- name: columns_of_relation
-- Which columns a relation has: no row of it is read.
SELECT * FROM looked_at LIMIT 0;
