-- name: many_events
-- More events than the books look at rather than ask what was written.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    :tenant_id, 'RECOVERED', number, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE',
    'MANY', 'many-' || number, true, timestamptz '2026-02-10 12:00:00+00'
FROM generate_series(1, :event_count::bigint) AS number;

-- name: insert
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
VALUES (
    :tenant_id, 'RECOVERED', 1, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE',
    'MANY', 'one-more', true, timestamptz '2026-02-10 12:00:00+00'
);

-- name: update
UPDATE app.value_events SET amount = amount + 1 WHERE idempotency_key = 'many-7';

-- name: and_back
UPDATE app.value_events SET amount = amount - 1 WHERE idempotency_key = 'many-7';

-- name: id_of
SELECT id::text FROM app.value_events WHERE idempotency_key = :key;

-- name: spoil
-- The event that was added is none to be billed, or is again.
UPDATE app.value_events SET billable = false WHERE idempotency_key = 'one-more';

-- name: restore
UPDATE app.value_events SET billable = true WHERE idempotency_key = 'one-more';

-- name: close
UPDATE app.value_events SET billable = false WHERE idempotency_key = 'many-1';

-- name: move_what_is_closed
UPDATE app.value_events SET occurred_at = occurred_at - interval '1 second'
WHERE idempotency_key = 'many-1';

-- name: one_of_another_day
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
VALUES (
    :tenant_id, 'RECOVERED', 1, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE',
    'MANY', 'one-of-another-day', true, timestamptz '2026-03-10 12:00:00+00'
);

-- name: newcomers
-- So many events of another day, of whom nobody knows who wrote them.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    :tenant_id, 'RECOVERED', number, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE',
    'MANY', 'early-' || number, true, timestamptz '2026-01-10 12:00:00+00'
FROM generate_series(1, :event_count::bigint) AS number;

-- name: lock
SELECT count(*) FROM (SELECT FROM app.value_events FOR UPDATE) AS held;

-- name: delete
DELETE FROM app.value_events WHERE idempotency_key = 'many-7';

-- name: empty
TRUNCATE app.value_events CASCADE;

-- name: rebuild
ALTER TABLE app.value_events ALTER COLUMN reason_code TYPE varchar(200);

-- name: widen
ALTER TABLE app.value_events ADD COLUMN remark text DEFAULT 'new';

-- name: another_part
CREATE TABLE app.later_events (LIKE app.value_events INCLUDING ALL);
ALTER TABLE app.later_events INHERIT app.value_events;

-- name: into_the_part
INSERT INTO app.later_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
VALUES (
    :tenant_id, 'RECOVERED', 1, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE',
    'MANY', 'later', true, timestamptz '2026-02-10 12:00:00+00'
);

-- name: in_the_part
UPDATE app.later_events SET amount = amount + 1;

-- name: by_a_function
DO $$ BEGIN UPDATE app.value_events SET amount = 0 WHERE idempotency_key = 'many-7'; END $$;

-- name: more_to_see
-- Each might read anything; which of two functions of one name is meant, only the server knows.
CREATE FUNCTION app.anything() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
CREATE FUNCTION app.lower(text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
CREATE VIEW app.seen_events AS SELECT * FROM app.value_events;

-- name: settle
-- A table with checks that wait for the end cannot be emptied, nor built anew.
SET CONSTRAINTS ALL IMMEDIATE;

-- name: more_terms
INSERT INTO app.gain_share_terms (tenant_id, finding_type, currency, rate, valid_from)
VALUES (:tenant_id, NULL, 'USD', 0.25, date '2020-01-01');

-- name: put_on_an_invoice
-- An event on an invoice that is no event of the period any more.
UPDATE app.value_events SET billable = false, occurred_at = timestamptz '2025-06-10 12:00:00+00',
    invoice_id = :invoice_id, billed_at = timestamptz '2025-07-01 00:00:00+00'
WHERE idempotency_key = 'many-2';

-- name: move_what_was_added
UPDATE app.value_events SET occurred_at = occurred_at - interval '1 second'
WHERE idempotency_key = 'one-more';

-- name: move_what_is_billed
UPDATE app.value_events SET occurred_at = occurred_at - interval '1 second'
WHERE idempotency_key = 'many-2';
