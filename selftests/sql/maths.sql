-- name: set_time_zone(zone)$
-- The zone of the session until the transaction ends; it may change nothing that is billed.
SELECT set_config('TimeZone', :zone, true);

-- name: allow_nan()#
-- As a platform would be without the constraint: what the gate says then must be tested too.
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;

-- name: allow_any_number()#
-- As a platform would be whose amounts are plain numeric: any scale, any size, infinities.
DROP VIEW app.priced_events;
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;
ALTER TABLE app.value_events ALTER COLUMN amount TYPE numeric;

-- name: tenant_number()$
-- How many tenants there are, for whoever is in the transaction.
SELECT count(*) FROM app.tenants;

-- name: draft_number()$
-- How many drafts there are, whosever they are.
SELECT count(*) FROM app.billing_invoices WHERE status = 'DRAFT';

-- name: lock_timeout(patience)$
-- How long the session waits for others.
SELECT set_config('lock_timeout', :patience, false);
