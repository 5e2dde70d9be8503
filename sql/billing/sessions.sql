-- name: prepare_session(application_name, statement_timeout, lock_timeout, idle_timeout)^
-- Who is asking is visible in pg_stat_activity, and no wait of the API lasts for ever. Instants, texts
-- and names mean the same whatever the database, the role or the machine are set to.
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

-- name: answers()$
-- Asks nothing but whether the database answers.
SELECT 1;

-- name: is_prepared()$
-- Whether the migrations have been here.
SELECT pg_catalog.to_regclass('app.priced_events') IS NOT NULL;
