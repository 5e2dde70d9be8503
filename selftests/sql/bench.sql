-- name: fill(tenant_id, event_count)!
-- Events of three finding types all over February 2026, amounts from -5000.00 to 45000.00, the
-- same in every run.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    :tenant_id, 'RECOVERED', (hashint8(number) & 5242879) / 100.0 - 5000, 'USD', 'SHIP_FINDING',
    gen_random_uuid(),
    (ARRAY['ADDRESS_CORRECTION', 'CLASSIFICATION_ERROR', 'DUPLICATE_CHARGE'])[1 + number %% 3],
    'BENCH', 'bench-' || number, true,
    timestamptz '2026-02-01 00:00:00+00' + (number %% 2419200) * interval '1 second'
FROM generate_series(1, :event_count::bigint) AS number;

-- name: into_the_past()#
-- What happened is of an earlier month, and on a paid invoice of each tenant; nothing is left to bill.
UPDATE app.value_events SET occurred_at = occurred_at - interval '31 days';

INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest, issued_at, paid_at
)
SELECT
    tenant_id, 'INV-000001', 'PAID', currency,
    date_trunc('month', min(occurred_at), 'UTC'),
    date_trunc('month', max(occurred_at), 'UTC') + interval '1 month',
    count(*), sum(amount), 0, sum(uuid_hash_extended(id, 0)), now(), now()
FROM app.value_events
GROUP BY tenant_id, currency;

UPDATE app.value_events AS event
SET invoice_id = invoice.id, billed_at = invoice.issued_at
FROM app.billing_invoices AS invoice
WHERE invoice.tenant_id = event.tenant_id;

-- name: fill_tenants(tenant_count)!
-- Active tenants with nothing to bill.
INSERT INTO app.tenants (name, slug, status)
SELECT 'Bench', 'bench-' || number, 'active' FROM generate_series(1, :tenant_count::bigint) AS number;

-- name: flush()!
-- The embedded server tells of a commit before it is on disk, and until it is, VACUUM does not mark the
-- rows as seen by all.
CHECKPOINT;

-- name: analyse()!
-- The embedded server has no autovacuum: what staging does by itself after a bulk load is asked for.
VACUUM (ANALYZE) app.value_events;

-- name: plain_sum(tenant_id, rate)^
-- What one plain look at the same rows costs.
SELECT count(*), sum(round(amount * :rate::numeric, 2)) AS total
FROM app.value_events
WHERE tenant_id = :tenant_id;

-- name: make_room_for_pgtap()#
-- Its functions are in a schema of their own, and were made for another server.
CREATE SCHEMA pgtap;
SET check_function_bodies = off;
SET search_path = pgtap, public;
