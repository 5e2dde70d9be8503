-- name: prepare_session(application_name, statement_timeout, lock_timeout, idle_timeout)^
-- Who is asking is visible in pg_stat_activity, and no wait of the API lasts for ever.
SELECT
    set_config('application_name', :application_name, false),
    set_config('statement_timeout', :statement_timeout, false),
    set_config('lock_timeout', :lock_timeout, false),
    set_config('idle_in_transaction_session_timeout', :idle_timeout, false),
    set_config('TimeZone', 'UTC', false);

-- name: answers()$
-- Asks nothing but whether the database answers.
SELECT 1;

-- name: is_prepared()$
-- Whether the migrations have been here.
SELECT to_regclass('app.priced_events') IS NOT NULL;
