-- name: never_billed
-- What was recovered before the period and never billed, by month and currency, and whether an invoice
-- covers it that counts: then nobody will bill it any more. The invoices' periods are one multirange, so
-- that this is one look at the events, a range of the index of what is not billed.
WITH covered AS (
    SELECT range_agg(tstzrange(period_start, period_end)) AS periods
    FROM invoices
    WHERE tenant_id = :tenant_id
        AND (status = ANY(:free::text[])) IS NOT TRUE
        AND period_start <= period_end
)
SELECT
    event.currency,
    CASE
        WHEN isfinite(event.occurred_at)
        THEN to_char(event.occurred_at::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM')
        ELSE event.occurred_at::text
    END AS month,
    coalesce(event.occurred_at::timestamptz <@ covered.periods, false) AS invoiced,
    count(*) AS event_count,
    coalesce(sum(event.amount) FILTER (WHERE scale(event.amount) IS NOT NULL), 0) AS amount,
    min(event.key) AS key
FROM events AS event
CROSS JOIN covered
WHERE event.tenant_id = :tenant_id
    AND event.billable
    AND NOT event.billed
    AND event.occurred_at < :period_start
GROUP BY currency, month, invoiced
ORDER BY currency, month DESC, invoiced;

-- name: at_one_instant
-- Whether any two events of the period happened at one instant: where none did, no finding is there
-- twice, and the index alone has told so, without a look at the rows. It has the instants in order, so
-- that each is compared with the one before it; to group by them costs three times as much.
SELECT count(*) > count(DISTINCT occurred_at) AS at_one_instant
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND NOT billed
    AND occurred_at >= :period_start
    AND occurred_at < :period_end;

-- name: recorded_twice
-- Findings of the period that are there under several keys: equal in all that makes them one. Of each
-- currency their number, what they recover too often, and the three largest.
WITH twice AS (
    SELECT
        currency, finding_type, amount, occurred_at,
        count(*) - 1 AS too_many, min(key) AS first_key, max(key) AS last_key
    FROM events
    WHERE tenant_id = :tenant_id
        AND billable
        AND NOT billed
        AND occurred_at >= :period_start
        AND occurred_at < :period_end
        AND entity IS NOT NULL
    GROUP BY entity, finding_type, currency, amount, occurred_at
    HAVING count(*) > 1
),
ranked AS (
    SELECT
        twice.*,
        sum(too_many) OVER currencies AS event_count,
        coalesce(
            sum(amount * too_many) FILTER (WHERE scale(amount) IS NOT NULL) OVER currencies, 0
        ) AS total,
        row_number() OVER (PARTITION BY currency ORDER BY abs(amount) DESC, first_key) AS place
    FROM twice
    WINDOW currencies AS (PARTITION BY currency)
)
SELECT
    currency, finding_type, amount, occurred_at::timestamptz, first_key, last_key,
    event_count::bigint, total
FROM ranked
WHERE place <= 3
ORDER BY currency, place;
