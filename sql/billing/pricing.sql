-- name: price_unbilled(tenant_id, period_start, period_end)
-- What a draft of the period would bill, line by line: one range of an index for each rate, nothing
-- written per event.
SELECT
    currency,
    finding_type,
    rate,
    event_count,
    recovered_amount,
    gain_share_amount,
    events_digest
FROM app.price_unbilled(:tenant_id, :period_start, :period_end)
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

-- name: price_agreed(tenant_id, period_start, period_end, invoice_id)
-- The same where more than rates is agreed of events: of what is not billed, or of what an invoice has
-- claimed. The terms that hold are those of the instant that was agreed; by an event's own instant they
-- are chosen event by event, by any other the same ones hold all the time. Events fill their tiers in
-- the order of instant and key; what was there before the period, or billed in it already, has filled
-- those of a year or a contract. A tier charges the part of an amount that lies in it, and a line names
-- the rate where an event begins.
WITH rules AS (
    SELECT
        tenant.id AS tenant_id,
        agreed.cap_per_event,
        coalesce(agreed.rate_at, 'event') AS rate_at,
        coalesce(agreed.rounding_mode, 'half away from zero') AS mode,
        coalesce(agreed.rounding_each, 'event') AS rounded_each,
        agreed.rounding_digits,
        CASE agreed.rate_at
            WHEN 'period start' THEN :period_start::timestamptz
            WHEN 'period end' THEN :period_end::timestamptz - interval '1 microsecond'
            WHEN 'issue' THEN statement_timestamp()
        END AS chosen_at
    FROM app.tenants AS tenant
    LEFT JOIN app.gain_share_agreements AS agreed
        ON agreed.tenant_id = tenant.id
    WHERE tenant.id = :tenant_id
),
units AS (
    SELECT
        currency.code,
        concat('1e-', coalesce(rules.rounding_digits, currency.minor_digits))::numeric AS unit
    FROM rules
    CROSS JOIN app.currencies AS currency
),
holding AS (
    SELECT
        terms.id,
        terms.currency,
        terms.finding_type,
        terms.rate,
        terms.scale_id,
        CASE rules.rate_at WHEN 'event' THEN terms.starts_at ELSE '-infinity' END AS starts_at,
        CASE rules.rate_at WHEN 'event' THEN terms.ends_at ELSE 'infinity' END AS ends_at
    FROM rules
    JOIN app.gain_share_terms AS terms
        ON terms.tenant_id = rules.tenant_id
    WHERE CASE rules.rate_at
        WHEN 'event' THEN true
        WHEN 'newest terms' THEN NOT EXISTS (
            SELECT FROM app.gain_share_terms AS newer
            WHERE newer.tenant_id = terms.tenant_id
                AND newer.currency = terms.currency
                AND newer.finding_type IS NOT DISTINCT FROM terms.finding_type
                AND newer.valid_from > terms.valid_from
        )
        ELSE rules.chosen_at >= terms.starts_at AND rules.chosen_at < terms.ends_at
    END
),
agreed AS (
    SELECT
        event.id,
        event.idempotency_key,
        event.occurred_at,
        event.currency,
        event.finding_type,
        event.amount,
        units.unit,
        rules.mode,
        rules.rounded_each,
        rules.cap_per_event,
        CASE WHEN specific.id IS NULL THEN general.rate ELSE specific.rate END AS rate,
        scale.id AS scale_id,
        scale.filled_by,
        CASE WHEN scale.filled_by = 'contract year' THEN
            app.contract_year(scale.begins, event.occurred_at)
        END AS contract_year,
        event.occurred_at >= :period_start AND CASE
            WHEN :invoice_id::uuid IS NULL THEN event.billed_at IS NULL
            ELSE event.invoice_id = :invoice_id
        END AS here
    FROM rules
    JOIN app.value_events AS event
        ON event.tenant_id = rules.tenant_id
    LEFT JOIN units
        ON units.code = event.currency
    LEFT JOIN holding AS specific
        ON specific.currency = event.currency
        AND specific.finding_type = event.finding_type
        AND event.occurred_at >= specific.starts_at
        AND event.occurred_at < specific.ends_at
    LEFT JOIN holding AS general
        ON general.currency = event.currency
        AND general.finding_type IS NULL
        AND event.occurred_at >= general.starts_at
        AND event.occurred_at < general.ends_at
    LEFT JOIN app.gain_share_scales AS scale
        ON scale.id = CASE WHEN specific.id IS NULL THEN general.scale_id ELSE specific.scale_id END
    WHERE event.tenant_id = :tenant_id
        AND event.category = 'RECOVERED'
        AND event.billable
        AND event.occurred_at < :period_end
        AND event.occurred_at >= least(:period_start, (
            SELECT min(looking_back.starts_at)
            FROM app.gain_share_terms AS looking_back
            JOIN app.gain_share_scales AS filled
                ON filled.id = looking_back.scale_id AND filled.filled_by <> 'invoice'
            WHERE looking_back.tenant_id = :tenant_id
        ))
),
filling AS (
    SELECT
        agreed.*,
        sum(amount) OVER (
            PARTITION BY scale_id, contract_year
            ORDER BY occurred_at, idempotency_key COLLATE "C"
            ROWS UNBOUNDED PRECEDING
        ) - amount AS filled
    FROM agreed
    WHERE scale_id IS NOT NULL AND (here OR filled_by <> 'invoice')
),
charged AS (
    SELECT
        id, currency, finding_type, amount, unit, mode, rounded_each, cap_per_event,
        rate AS begins_at,
        amount * rate AS earned
    FROM agreed
    WHERE scale_id IS NULL AND here
    UNION ALL
    SELECT
        id, currency, finding_type, amount, unit, mode, rounded_each, cap_per_event,
        tiers.rate,
        tiers.earned
    FROM filling
    CROSS JOIN LATERAL (
        SELECT
            sum(tier.rate * (
                least(greatest(filled + amount, tier.above), tier.up_to)
                - least(greatest(filled, tier.above), tier.up_to)
            )) AS earned,
            max(tier.rate) FILTER (WHERE CASE
                WHEN amount < 0 THEN filled > tier.above AND filled <= tier.up_to
                ELSE filled >= tier.above AND filled < tier.up_to
            END) AS rate
        FROM app.gain_share_tiers AS tier
        WHERE tier.scale_id = filling.scale_id
    ) AS tiers
    WHERE here
),
capped AS (
    SELECT charged.*, least(greatest(earned, -cap_per_event), cap_per_event) AS capped
    FROM charged
),
priced AS (
    SELECT
        capped.*,
        CASE
            WHEN rounded_each <> 'event' THEN capped
            WHEN mode = 'half away from zero' THEN round(capped, scale(unit))
            ELSE app.rounded(capped, unit, mode)
        END AS fee
    FROM capped
)
SELECT
    currency,
    finding_type,
    begins_at AS rate,
    count(*) AS event_count,
    sum(amount) AS recovered_amount,
    CASE WHEN rounded_each = 'line' THEN app.rounded(sum(fee), unit, mode) ELSE sum(fee) END
        AS gain_share_amount,
    sum(uuid_hash_extended(id, 0)) AS events_digest
FROM priced
GROUP BY currency, finding_type, begins_at, unit, mode, rounded_each
ORDER BY currency, finding_type, begins_at;

-- name: agreement(tenant_id)^
-- What is agreed of the tenant's totals, and whether its events need more than a rate.
SELECT
    agreed.cap_per_invoice,
    agreed.cap_per_contract_year,
    agreed.minimum_per_invoice,
    coalesce(agreed.negative_total, 'credited') AS negative_total,
    coalesce(agreed.rounding_each, 'event') = 'invoice' AS rounds_totals,
    (
        agreed.cap_per_event IS NOT NULL
        OR agreed.rounding_digits IS NOT NULL
        OR (agreed.rate_at, agreed.rounding_mode, agreed.rounding_each)
            <> ('event', 'half away from zero', 'event')
    ) IS TRUE
    OR EXISTS (
        SELECT FROM app.gain_share_terms AS terms
        WHERE terms.tenant_id = tenant.id AND terms.scale_id IS NOT NULL
    ) AS by_event
FROM app.tenants AS tenant
LEFT JOIN app.gain_share_agreements AS agreed
    ON agreed.tenant_id = tenant.id
WHERE tenant.id = :tenant_id;

-- name: rounded_total(tenant_id, currency, fees)$
-- The sum of fees, where the invoice's total alone is rounded.
SELECT app.rounded(
    :fees::numeric,
    concat('1e-', coalesce(agreed.rounding_digits, currency.minor_digits))::numeric,
    agreed.rounding_mode
)
FROM app.gain_share_agreements AS agreed
JOIN app.currencies AS currency
    ON currency.code = :currency
WHERE agreed.tenant_id = :tenant_id;

-- name: invoiced_this_year(tenant_id, period_start)$
-- What final invoices of the contract year bill whose period begins before this one.
SELECT coalesce(sum(invoice.gain_share_amount), 0)
FROM app.billing_invoices AS invoice
JOIN app.gain_share_agreements AS agreed
    ON agreed.tenant_id = invoice.tenant_id
WHERE invoice.tenant_id = :tenant_id
    AND invoice.status IN ('ISSUED', 'PAID')
    AND invoice.period_start < :period_start
    AND app.contract_year(agreed.begins, invoice.period_start)
        = app.contract_year(agreed.begins, :period_start);

-- name: brought_forward(tenant_id, period_start)$
-- What final invoices of earlier periods carry forward, and none has taken over yet: also one that was
-- made out of order. What a later period carries is not for this one.
SELECT least(
    coalesce(sum(carried_forward) FILTER (WHERE period_start < :period_start), 0)
    - coalesce(sum(brought_forward), 0),
    0
)
FROM app.billing_invoices
WHERE tenant_id = :tenant_id AND status IN ('ISSUED', 'PAID');
