-- name: price_unbilled(tenant_id, period_start, period_end)
-- What a draft of the period would bill, line by line: one scan, nothing written per event.
SELECT
    currency,
    finding_type,
    rate,
    count(*) AS event_count,
    sum(amount) AS recovered_amount,
    sum(fee) AS gain_share_amount,
    sum(uuid_hash_extended(id, 0)) AS events_digest
FROM app.priced_events
WHERE tenant_id = :tenant_id
    AND category = 'RECOVERED'
    AND billable
    AND billed_at IS NULL
    AND occurred_at >= :period_start
    AND occurred_at < :period_end
GROUP BY currency, finding_type, rate
ORDER BY currency, finding_type, rate;

-- name: price_claimed(invoice_id)
-- What an invoice's claimed events are worth by today's terms, line by line.
SELECT
    currency,
    finding_type,
    rate,
    count(*) AS event_count,
    sum(amount) AS recovered_amount,
    sum(fee) AS gain_share_amount,
    sum(uuid_hash_extended(id, 0)) AS events_digest
FROM app.priced_events
WHERE invoice_id = :invoice_id
GROUP BY currency, finding_type, rate
ORDER BY currency, finding_type, rate;
