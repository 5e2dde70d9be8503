-- Everybody is billed for everybody's events.
-- stands for: flexprice/flexprice/pull/2516, a line item written across tenants
-- checks: S1.4
-- says: event count 11, not 10
-- explained: billing what is none of the tenant's
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id,
    tenant.id AS tenant_id,
    event.category, event.billable, event.billed_at, event.invoice_id, event.occurred_at,
    event.currency, event.finding_type, event.amount, event.rate, event.fee
FROM app.rightly_priced_events AS event
CROSS JOIN app.tenants AS tenant;
GRANT SELECT ON app.priced_events TO p9a_reader;
