-- Fees are added up first, and only their sum is rounded.
-- stands for: getlago/lago-api/pull/821, tax from rounded fees against rounded tax
-- checks: S1.4, M.1
-- says: gain share 649.34
-- explained: rounding each line once
ALTER VIEW app.priced_events RENAME TO rightly_priced_events;
CREATE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at,
    event.invoice_id, event.occurred_at, event.currency, event.finding_type,
    event.amount, event.rate,
    CASE row_number() OVER same_line
        WHEN 1
        THEN round(sum(event.amount * event.rate) OVER same_line, currency.minor_digits)
        ELSE 0
    END AS fee
FROM app.rightly_priced_events AS event
JOIN app.currencies AS currency ON currency.code = event.currency
WINDOW same_line AS (
    PARTITION BY
        event.tenant_id, event.finding_type, event.rate, event.currency, event.category,
        event.billable, event.billed_at, date_trunc('month', event.occurred_at, 'UTC')
);
GRANT SELECT ON app.priced_events TO p9a_reader;
