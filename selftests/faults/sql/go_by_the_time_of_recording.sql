-- An event is billed in the month in which its row was made.
-- stands for: getlago/lago-api/pull/1988, what was queued late was billed wrongly
-- checks: S1.4
-- says: no_billable_events
-- explained: looking at created_at in the place of occurred_at
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id,
    recorded.created_at AS occurred_at,
    event.currency, event.finding_type, event.amount, event.rate, event.fee
FROM app.rightly_priced_events AS event
JOIN app.value_events AS recorded ON recorded.id = event.id;
GRANT SELECT ON app.priced_events TO p9a_reader;
