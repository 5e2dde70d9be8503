-- name: prepare_transaction(statement_timeout, lock_timeout, idle_timeout)^
-- No wait of the API lasts for ever. Instants, texts and names mean the same whatever the database, the
-- role or the machine are set to. All of it ends with the transaction: the session may be a pooler's.
SELECT
    pg_catalog.set_config('statement_timeout', :statement_timeout, true),
    pg_catalog.set_config('lock_timeout', :lock_timeout, true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', :idle_timeout, true),
    pg_catalog.set_config('TimeZone', 'UTC', true),
    pg_catalog.set_config('DateStyle', 'ISO', true),
    pg_catalog.set_config('search_path', pg_catalog.concat_ws(
        ', ', 'pg_catalog', nullif(pg_catalog.current_setting('search_path'), '')
    ), true);

-- name: answers()$
-- Asks nothing but whether the database answers.
SELECT 1;

-- name: is_prepared()$
-- Whether the migrations have been here.
SELECT pg_catalog.to_regclass('app.priced_events') IS NOT NULL;
