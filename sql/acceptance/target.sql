-- name: prepare_session(application_name, statement_timeout, lock_timeout, idle_timeout)^
-- The gate is a guest: it says who it is, and no wait of its own lasts for ever. It reads and writes
-- in one way, whatever the place; names of the catalog mean the catalog's, then the database's own.
SELECT
    pg_catalog.set_config('application_name', :application_name, false),
    pg_catalog.set_config('statement_timeout', :statement_timeout, false),
    pg_catalog.set_config('lock_timeout', :lock_timeout, false),
    pg_catalog.set_config('idle_in_transaction_session_timeout', :idle_timeout, false),
    pg_catalog.set_config('TimeZone', 'UTC', false),
    pg_catalog.set_config('DateStyle', 'ISO', false),
    pg_catalog.set_config('client_encoding', 'UTF8', false),
    pg_catalog.set_config('search_path', pg_catalog.concat_ws(
        ', ', 'pg_catalog', nullif(pg_catalog.current_setting('search_path'), '')
    ), false);

-- name: names_of_target()
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

-- name: missing_tables(names)
-- The tables that the runbook needs and this database does not show to this role.
SELECT name FROM unnest(:names::text[]) AS name WHERE to_regclass(name) IS NULL;

-- name: describe_target()^
SELECT current_database() AS database, current_setting('server_version') AS server_version;

-- name: tenant(tenant_id)^
SELECT id, name, slug, status FROM app.tenants WHERE id = :tenant_id;

-- name: active_tenants()
-- Whom --tenant=all means.
SELECT id FROM app.tenants WHERE status = 'active' ORDER BY id;

-- name: lock_tenant_runs(tenant_id)$
-- One run of the gate a tenant: held by the session until it ends, however it ends.
SELECT pg_advisory_lock(hashtextextended(concat('p9a ', :tenant_id::uuid), 0));

-- name: lock_holder(tenant_id)^
-- Who holds the lock that could not be had; the key's halves are how pg_locks shows it.
WITH key AS (SELECT hashtextextended(concat('p9a ', :tenant_id::uuid), 0) AS bits)
SELECT activity.application_name, activity.pid, activity.backend_start
FROM pg_locks AS held
JOIN key
    ON held.classid::bigint = (key.bits >> 32) & 4294967295
    AND held.objid::bigint = key.bits & 4294967295
JOIN pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.locktype = 'advisory' AND held.objsubid = 1 AND held.granted;

-- name: see_this_moment()$
-- A REPEATABLE READ transaction sees the moment of its first query, not that of its beginning.
SELECT pg_current_snapshot()::text;

-- name: forbid_writing()#
-- From here to the end of the transaction or savepoint the server itself refuses to write.
SET TRANSACTION READ ONLY;

-- name: rows_written()$
-- Rows that the open transaction has inserted, updated or deleted so far, in whatever table.
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
FROM pg_stat_xact_user_tables;

-- name: force_constraints()#
-- A transaction that is rolled back would never fire its deferred constraints.
SET CONSTRAINTS ALL IMMEDIATE;
