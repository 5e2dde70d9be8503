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

-- name: price_agreed(tenant_id, period_start, period_end, invoice_id)
-- The same where an agreement has tiers or a cap per event: of what is not billed, or of what an
-- invoice has claimed. Events have the terms that app.priced_events chooses, and fill their tiers in
-- the order of instant and key; what was there before the period, or billed in it already, has filled
-- those of a year or a contract. A tier charges the part of an amount that lies in it, and a line names
-- the rate where an event begins.
WITH agreed AS (
    SELECT
        event.id,
        event.idempotency_key,
        event.occurred_at,
        event.currency,
        event.finding_type,
        event.amount,
        currency.minor_digits,
        agreement.cap_per_event,
        terms.rate,
        scale.id AS scale_id,
        scale.filled_by,
        CASE WHEN scale.filled_by = 'contract year' THEN
            app.contract_year(scale.begins, event.occurred_at)
        END AS contract_year,
        event.occurred_at >= :period_start AND CASE
            WHEN :invoice_id::uuid IS NULL THEN event.billed_at IS NULL
            ELSE event.invoice_id = :invoice_id
        END AS here
    FROM app.value_events AS event
    LEFT JOIN app.currencies AS currency
        ON currency.code = event.currency
    LEFT JOIN app.gain_share_agreements AS agreement
        ON agreement.tenant_id = event.tenant_id
    LEFT JOIN app.gain_share_terms AS specific
        ON specific.tenant_id = event.tenant_id
        AND specific.currency = event.currency
        AND specific.finding_type = event.finding_type
        AND event.occurred_at >= specific.starts_at
        AND event.occurred_at < specific.ends_at
    LEFT JOIN app.gain_share_terms AS general
        ON general.tenant_id = event.tenant_id
        AND general.currency = event.currency
        AND general.finding_type IS NULL
        AND event.occurred_at >= general.starts_at
        AND event.occurred_at < general.ends_at
    LEFT JOIN app.gain_share_terms AS terms
        ON terms.id = coalesce(specific.id, general.id)
    LEFT JOIN app.gain_share_scales AS scale
        ON scale.id = terms.scale_id
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
    WHERE here OR filled_by <> 'invoice'
),
charged AS (
    SELECT
        filling.*,
        CASE WHEN scale_id IS NULL THEN filling.rate ELSE tiers.rate END AS begins_at,
        CASE WHEN scale_id IS NULL THEN amount * filling.rate ELSE tiers.earned END AS earned
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
)
SELECT
    currency,
    finding_type,
    begins_at AS rate,
    count(*) AS event_count,
    sum(amount) AS recovered_amount,
    sum(round(least(greatest(earned, -cap_per_event), cap_per_event), minor_digits))
        AS gain_share_amount,
    sum(uuid_hash_extended(id, 0)) AS events_digest
FROM charged
GROUP BY currency, finding_type, begins_at
ORDER BY currency, finding_type, begins_at;

-- name: agreement(tenant_id)^
-- What is agreed of the tenant's totals, and whether its events need more than a rate.
SELECT
    agreed.cap_per_invoice,
    agreed.cap_per_contract_year,
    agreed.minimum_per_invoice,
    coalesce(agreed.negative_total, 'credited') AS negative_total,
    agreed.cap_per_event IS NOT NULL OR EXISTS (
        SELECT FROM app.gain_share_terms AS terms
        WHERE terms.tenant_id = tenant.id AND terms.scale_id IS NOT NULL
    ) AS by_event
FROM app.tenants AS tenant
LEFT JOIN app.gain_share_agreements AS agreed
    ON agreed.tenant_id = tenant.id
WHERE tenant.id = :tenant_id;

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
