-- An event that is on an invoice already is billed once more.
-- stands for: dust-tt/dust/pull/28358, customers double-billed over metadata that did not exist
-- checks: S1.4
-- says: event count 11, not 10
-- explained: billing what is billed already too
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id, category, billable,
    NULL::timestamptz AS billed_at,
    invoice_id, occurred_at, currency, finding_type, amount, rate, fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
