-- What a period's unbilled events are worth, line by line, without a look at the terms for each event.

-- A finding type's events of a piece of the period are one range of this index, and nothing else is read.
CREATE INDEX value_events_to_price ON app.value_events (tenant_id, currency, finding_type, occurred_at)
    INCLUDE (amount, id)
    WHERE category = 'RECOVERED' AND billable AND billed_at IS NULL;

-- Between two changes of the tenant's terms a finding type has one rate: the one that app.priced_events
-- shows for each of its events. Of terms that overlap, all count, as they do there. Where the two
-- differ, an issue, which asks that view, refuses the draft as stale.
CREATE FUNCTION app.price_unbilled(
    billed_tenant uuid, period_start timestamptz, period_end timestamptz
)
RETURNS TABLE (
    currency          text,
    finding_type      text,
    rate              numeric,
    event_count       bigint,
    recovered_amount  numeric,
    gain_share_amount numeric,
    events_digest     numeric
)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE kinds AS (
        -- From each kind to the next one, so that the index is not read whole.
        (
            SELECT event.currency, event.finding_type
            FROM app.value_events AS event
            WHERE event.tenant_id = billed_tenant
                AND event.category = 'RECOVERED'
                AND event.billable
                AND event.billed_at IS NULL
            ORDER BY event.currency, event.finding_type
            LIMIT 1
        )
        UNION ALL
        SELECT following.currency, following.finding_type
        FROM kinds
        CROSS JOIN LATERAL (
            SELECT event.currency, event.finding_type
            FROM app.value_events AS event
            WHERE event.tenant_id = billed_tenant
                AND event.category = 'RECOVERED'
                AND event.billable
                AND event.billed_at IS NULL
                AND (event.currency, event.finding_type) > (kinds.currency, kinds.finding_type)
            ORDER BY event.currency, event.finding_type
            LIMIT 1
        ) AS following
    ),
    changes AS (
        SELECT period_start AS changed_at
        UNION
        SELECT changed_at
        FROM app.gain_share_terms AS terms
        CROSS JOIN unnest(ARRAY[terms.starts_at, terms.ends_at]) AS changed_at
        WHERE terms.tenant_id = billed_tenant
            AND changed_at > period_start
            AND changed_at < period_end
    ),
    pieces AS (
        SELECT
            changed_at AS starts_at,
            lead(changed_at, 1, period_end) OVER (ORDER BY changed_at) AS ends_at
        FROM changes
    ),
    rates AS (
        SELECT
            kinds.currency,
            kinds.finding_type,
            pieces.starts_at,
            pieces.ends_at,
            coalesce(specific.rate, general.rate) AS rate,
            currency.minor_digits
        FROM kinds
        CROSS JOIN pieces
        LEFT JOIN app.currencies AS currency
            ON currency.code = kinds.currency
        LEFT JOIN app.gain_share_terms AS specific
            ON specific.tenant_id = billed_tenant
            AND specific.currency = kinds.currency
            AND specific.finding_type = kinds.finding_type
            AND pieces.starts_at >= specific.starts_at
            AND pieces.starts_at < specific.ends_at
        LEFT JOIN app.gain_share_terms AS general
            ON general.tenant_id = billed_tenant
            AND general.currency = kinds.currency
            AND general.finding_type IS NULL
            AND pieces.starts_at >= general.starts_at
            AND pieces.starts_at < general.ends_at
    )
    SELECT
        rates.currency,
        rates.finding_type,
        rates.rate,
        sum(priced.event_count)::bigint,
        sum(priced.amount),
        sum(priced.fee),
        sum(priced.digest)
    FROM rates
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS event_count,
            sum(event.amount) AS amount,
            sum(round(event.amount * rates.rate, rates.minor_digits)) AS fee,
            sum(uuid_hash_extended(event.id, 0)) AS digest
        FROM app.value_events AS event
        WHERE event.tenant_id = billed_tenant
            AND event.category = 'RECOVERED'
            AND event.billable
            AND event.billed_at IS NULL
            AND event.currency = rates.currency
            AND event.finding_type = rates.finding_type
            AND event.occurred_at >= rates.starts_at
            AND event.occurred_at < rates.ends_at
    ) AS priced
    WHERE priced.event_count > 0
    GROUP BY rates.currency, rates.finding_type, rates.rate
$$;
