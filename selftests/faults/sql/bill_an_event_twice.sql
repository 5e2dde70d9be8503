-- Two filters overlap, and an event that passes both is billed twice.
-- stands for: getlago/lago-api/pull/5916, overlapping filters billed one event twice
-- checks: S1.4
-- says: event count 14, not 10
-- explained: billing DUPLICATE_CHARGE twice
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate, event.fee
FROM app.rightly_priced_events AS event
JOIN (VALUES ('%'), ('DUPLICATE%')) AS filter (wanted) ON event.finding_type LIKE filter.wanted;
GRANT SELECT ON app.priced_events TO p9a_reader;
