-- name: terms
-- Every rate of the tenant as it is stored; which one applies is worked out by the oracle.
-- Dates and instants may be infinite, or of years that Python does not count in every zone: the first
-- and last that it does. They are not cast, so that no zone of a session can move them.
SELECT
    id::text AS id,
    finding_type,
    currency,
    rate::numeric AS rate,
    least(greatest(valid_from, '0001-01-02'), '9999-12-30') AS valid_from,
    CASE WHEN valid_to <= '9999-12-30' THEN greatest(valid_to, '0001-01-02') END AS valid_to
FROM terms
WHERE tenant_id = :tenant_id;

-- name: agreed
-- What the platform keeps of what was agreed with the tenant beside rates; dates as those of terms.
-- What never begins to hold is left out.
SELECT
    currency,
    greatest(valid_from, '0001-01-02') AS valid_from,
    CASE WHEN valid_to <= '9999-12-30' THEN greatest(valid_to, '0001-01-02') END AS valid_to,
    CASE WHEN begins BETWEEN '0001-01-02' AND '9999-12-30' THEN begins END AS begins,
    cap_per_event,
    cap_per_invoice,
    cap_per_contract_year,
    minimum_per_invoice,
    negative_total,
    rate_at,
    rounding_mode,
    rounding_each,
    rounding_digits
FROM agreed
WHERE tenant_id = :tenant_id AND coalesce(valid_from <= '9999-12-30', true);

-- name: tiers
-- The tiers of the tenant's terms; the ids of terms may be of any type.
SELECT
    tier.terms_id::text AS terms_id,
    tier.tiers_of,
    CASE WHEN tier.begins BETWEEN '0001-01-02' AND '9999-12-30' THEN tier.begins END AS begins,
    tier.above,
    tier.up_to,
    tier.rate::numeric AS rate
FROM tiers AS tier
WHERE tier.terms_id::text IN (SELECT id::text FROM terms WHERE tenant_id = :tenant_id);

-- name: billable_number
-- How many billable events there are from one instant to before another.
SELECT count(*) AS event_count
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND NOT billed
    AND occurred_at >= :starts
    AND occurred_at < :ends;

-- name: amounts
-- The billable amounts of a piece of the period, a line each: nothing is added up or rounded here.
-- scale() is NULL for NaN and infinities. One text a group keeps a million rows from a million objects;
-- the oracle asks for no more at once. A share of the events is told where time does not part them.
SELECT
    currency,
    finding_type,
    count(*) AS event_count,
    count(scale(amount)) AS finite_count,
    count(invoice_id) AS claimed_count,
    min(scale(amount)) AS lowest_scale,
    max(scale(amount)) AS highest_scale,
    string_agg(amount::text, E'\n') AS amounts
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND NOT billed
    AND occurred_at >= :starts
    AND occurred_at < :ends
    AND (:shares::int = 1 OR abs(hash_event_id(id, 0) % :shares) = :share)
GROUP BY currency, finding_type;

-- name: event_amounts
-- The same with the id of each event, for platforms that bill a line an event.
SELECT
    currency,
    finding_type,
    array_agg(id::text) AS ids,
    string_agg(amount::text, E'\n') AS amounts,
    count(*) AS event_count,
    count(scale(amount)) AS finite_count,
    count(invoice_id) AS claimed_count,
    min(scale(amount)) AS lowest_scale,
    max(scale(amount)) AS highest_scale
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND NOT billed
    AND occurred_at >= :starts
    AND occurred_at < :ends
    AND (:shares::int = 1 OR abs(hash_event_id(id, 0) % :shares) = :share)
GROUP BY currency, finding_type;

-- name: repeated_keys
-- A few keys under which a billable event of the period is recorded more than once, and their number.
-- Not asked where an index makes keys unique, as it should.
SELECT key, count(*) OVER () AS key_count
FROM events
WHERE tenant_id = :tenant_id AND key IS NOT NULL
GROUP BY key
HAVING count(*) > 1
    AND bool_or(billable AND NOT billed AND occurred_at >= :starts AND occurred_at < :ends)
ORDER BY key
LIMIT 3;

-- name: name_events
-- A few keys of a group that cannot be billed, the odd ones first, for people to look at.
SELECT key
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND NOT billed
    AND occurred_at >= :starts
    AND occurred_at < :ends
    AND currency IS NOT DISTINCT FROM :currency
    AND finding_type IS NOT DISTINCT FROM :finding_type
ORDER BY scale(amount) IS NOT NULL, invoice_id IS NULL, key
LIMIT 3;

-- name: ordered_events
-- What is billable or was billed, an event a row, in the order in which events fill the tiers of a
-- contract. The order is the same in every database, whatever its collation. No more than so many, if told.
SELECT
    id::text AS id, key, occurred_at::timestamptz AS occurred_at, finding_type, currency,
    amount::text AS amount, billed
FROM events
WHERE tenant_id = :tenant_id
    AND (billable OR billed)
    AND occurred_at >= :starts
    AND occurred_at < :ends
ORDER BY occurred_at, key COLLATE "C", id::text COLLATE "C"
LIMIT :most::bigint;

-- name: invoiced
-- The totals of invoices that are issued or paid, and whose period begins in that time.
SELECT gain_share_amount AS amount
FROM invoices
WHERE tenant_id = :tenant_id
    AND status = ANY(:final::text[])
    AND period_start >= :starts
    AND period_start < :ends;

-- name: billable_events
-- The billable events of a piece of the period one by one, each as a group of one, to be named with its
-- fee or with why it has none. Whether a key is that of other events too, wherever they are.
SELECT
    id::text AS id,
    key,
    occurred_at,
    currency,
    finding_type,
    amount::text AS amount,
    1 AS event_count,
    (scale(amount) IS NOT NULL)::int AS finite_count,
    (invoice_id IS NOT NULL)::int AS claimed_count,
    coalesce(
        key IN (
            SELECT other.key
            FROM events AS other
            WHERE other.tenant_id = :tenant_id AND other.key IS NOT NULL
            GROUP BY other.key
            HAVING count(*) > 1
        ),
        false
    ) AS repeated
FROM events
WHERE tenant_id = :tenant_id
    AND billable
    AND NOT billed
    AND occurred_at >= :starts
    AND occurred_at < :ends
ORDER BY occurred_at, key, id;

-- name: raw_events
-- What is in the period and around it, one by one, billable or not: what wrong ways of billing would
-- take along too. What was recorded in the period counts as around it, whenever it occurred.
SELECT
    id::text AS id,
    key,
    finding_type,
    currency,
    amount,
    occurred_at,
    CASE WHEN isfinite(created_at) THEN created_at END AS created_at,
    category,
    billable,
    billed
FROM events
WHERE tenant_id = :tenant_id
    AND (
        occurred_at >= :starts AND occurred_at < :ends
        OR created_at >= :period_start AND created_at < :period_end
    )
    AND isfinite(occurred_at)
ORDER BY events.occurred_at, events.key COLLATE "C", events.id
LIMIT :most;
