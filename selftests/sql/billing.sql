-- name: insert_tenant(tenant_id, slug)!
INSERT INTO app.tenants (id, name, slug, status)
VALUES (:tenant_id, :slug, :slug, 'active');

-- name: set_tenant_status(tenant_id, status)!
UPDATE app.tenants SET status = :status WHERE id = :tenant_id;

-- name: insert_terms(tenant_id, finding_type, currency, rate, valid_from, valid_to)!
INSERT INTO app.gain_share_terms (tenant_id, finding_type, currency, rate, valid_from, valid_to)
VALUES (:tenant_id, :finding_type, :currency, :rate, :valid_from, :valid_to);

-- name: set_rate(tenant_id, finding_type, currency, valid_from, rate)!
-- The terms of one scope that begin on one date; no finding type is a scope of its own.
UPDATE app.gain_share_terms
SET rate = :rate
WHERE tenant_id = :tenant_id
    AND finding_type IS NOT DISTINCT FROM :finding_type
    AND currency = :currency
    AND valid_from = :valid_from;

-- name: delete_terms(tenant_id)!
DELETE FROM app.gain_share_terms WHERE tenant_id = :tenant_id;

-- name: insert_event(event_id, tenant_id, category, amount, currency, finding_type, billable, occurred_at)!
-- An unbilled event whose id the test chooses, so that it can say later which ones were claimed.
INSERT INTO app.value_events (
    id, tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
VALUES (
    :event_id, :tenant_id, :category, :amount, :currency, 'SHIP_FINDING', gen_random_uuid(),
    :finding_type, 'SELFTEST', :event_id::text, :billable, :occurred_at
);

-- name: insert_many_events(tenant_id, amount, finding_types, occurred_at, times)!
-- The same event many times over for each finding type.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    :tenant_id, 'RECOVERED', :amount, 'USD', 'SHIP_FINDING', gen_random_uuid(), finding_type,
    'SELFTEST', gen_random_uuid()::text, true, :occurred_at
FROM unnest(:finding_types::text[]) AS finding_type
CROSS JOIN generate_series(1, :times);

-- name: set_amount(event_id, amount)!
UPDATE app.value_events SET amount = :amount WHERE id = :event_id;

-- name: set_billable(event_id, billable)!
UPDATE app.value_events SET billable = :billable WHERE id = :event_id;

-- name: set_finding_type(event_id, finding_type)!
UPDATE app.value_events SET finding_type = :finding_type WHERE id = :event_id;

-- name: set_occurred_at(event_id, occurred_at)!
UPDATE app.value_events SET occurred_at = :occurred_at WHERE id = :event_id;

-- name: set_event_id(event_id, new_id)!
-- What replaces an event by one that is equal in all but its id.
UPDATE app.value_events SET id = :new_id WHERE id = :event_id;

-- name: delete_event(event_id)!
DELETE FROM app.value_events WHERE id = :event_id;

-- name: delete_events(tenant_id)!
DELETE FROM app.value_events WHERE tenant_id = :tenant_id;

-- name: let_amounts_be_nan()#
-- Lets a test build what the schema otherwise keeps out.
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;

-- name: insert_draft(tenant_id, period_start, period_end)!
-- A draft written past the platform, with none of its locks and checks.
INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest
)
VALUES (
    :tenant_id, gen_random_uuid()::text, 'DRAFT', 'USD', :period_start, :period_end, 1, 1, 1, 1
);

-- name: set_invoice_number(invoice_id, invoice_number)!
UPDATE app.billing_invoices SET invoice_number = :invoice_number WHERE id = :invoice_id;

-- name: set_idempotency_key(invoice_id, idempotency_key)!
UPDATE app.billing_invoices SET idempotency_key = :idempotency_key WHERE id = :invoice_id;

-- name: events(tenant_id)
SELECT id, amount, currency, finding_type, occurred_at, billed_at, invoice_id
FROM app.value_events
WHERE tenant_id = :tenant_id
ORDER BY id;

-- name: event_versions()
-- Changes with any write to the row, even one that writes what was there.
SELECT id, xmin::text AS written_by, ctid::text AS place FROM app.value_events ORDER BY id;

-- name: invoices(tenant_id)
SELECT *
FROM app.billing_invoices
WHERE tenant_id = :tenant_id
ORDER BY issued_at, created_at;

-- name: invoice_lines(invoice_id)
SELECT finding_type, rate, event_count, recovered_amount, gain_share_amount
FROM app.billing_invoice_lines
WHERE invoice_id = :invoice_id
ORDER BY finding_type, rate;

-- name: all_rows()
-- Every row of every table of the application, with the tenant it belongs to where it has one.
SELECT 'tenants' AS table_name, tenant.id AS tenant_id, tenant::text AS content
FROM app.tenants AS tenant
UNION ALL
SELECT 'gain_share_terms', terms.tenant_id, terms::text
FROM app.gain_share_terms AS terms
UNION ALL
SELECT 'gain_share_agreements', agreement.tenant_id, agreement::text
FROM app.gain_share_agreements AS agreement
UNION ALL
SELECT 'gain_share_scales', scale.tenant_id, scale::text
FROM app.gain_share_scales AS scale
UNION ALL
SELECT 'gain_share_tiers', scale.tenant_id, tier::text
FROM app.gain_share_tiers AS tier
LEFT JOIN app.gain_share_scales AS scale ON scale.id = tier.scale_id
UNION ALL
SELECT 'value_events', event.tenant_id, event::text
FROM app.value_events AS event
UNION ALL
SELECT 'billing_invoices', invoice.tenant_id, invoice::text
FROM app.billing_invoices AS invoice
UNION ALL
SELECT 'billing_invoice_lines', invoice.tenant_id, line::text
FROM app.billing_invoice_lines AS line
LEFT JOIN app.billing_invoices AS invoice ON invoice.id = line.invoice_id
UNION ALL
-- Long and never to change: one row for all of it.
SELECT 'currencies', NULL, string_agg(currency::text, ' ' ORDER BY currency.code)
FROM app.currencies AS currency
UNION ALL
SELECT 'schema_migrations', NULL, string_agg(migration::text, ' ' ORDER BY migration.name)
FROM app.schema_migrations AS migration;

-- name: tables()
-- The application's tables, to see that no comparison forgets one.
SELECT tablename::text AS table_name FROM pg_catalog.pg_tables WHERE schemaname = 'app';

-- name: objects()
-- All that a migration can leave in a database: schemas, relations, extensions.
SELECT 'schema' AS kind, nspname::text AS name
FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
UNION ALL
SELECT 'relation', oid::regclass::text
FROM pg_catalog.pg_class
WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
UNION ALL
SELECT 'extension', extname::text
FROM pg_catalog.pg_extension
ORDER BY kind, name;

-- name: migrations()
SELECT name, sha256, applied_at FROM app.schema_migrations ORDER BY name;

-- name: currencies()
SELECT code, minor_digits FROM app.currencies;

-- name: set_time_zone(zone)$
SELECT set_config('TimeZone', :zone, false);

-- name: hold_tenant(tenant_id)$
-- What another transaction that gives out the tenant's numbers would hold.
SELECT id FROM app.tenants WHERE id = :tenant_id FOR UPDATE;

-- name: waiting()$
-- How many sessions of this database wait for a lock right now.
SELECT count(*)
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock';

-- name: end_backend(pid)$
-- Ends the session, and waits until it is gone.
SELECT pg_terminate_backend(:pid, 10000);
