-- No event's fee is rounded, so the total has fractions of a cent.
-- stands for: invoiceninja/invoiceninja/issues/4370, rounding of the document against its lines
-- checks: S1.4, M.1
-- says: 649.3325 USD on 10 events in 4 lines
-- explained: rounding nothing
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    event.amount * event.rate AS fee
FROM app.rightly_priced_events AS event;
GRANT SELECT ON app.priced_events TO p9a_reader;
