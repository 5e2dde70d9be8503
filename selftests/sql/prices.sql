-- How a platform prices that asks its view for each event.

-- name: price_by_event
-- As the reference platform without its pieces: what is wrong in the view is wrong in the bill.
CREATE OR REPLACE FUNCTION app.price_unbilled(
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
    SELECT
        event.currency,
        event.finding_type,
        event.rate,
        count(*),
        sum(event.amount),
        sum(event.fee),
        sum(uuid_hash_extended(event.id, 0))
    FROM app.priced_events AS event
    WHERE event.tenant_id = billed_tenant
        AND event.category = 'RECOVERED'
        AND event.billable
        AND event.billed_at IS NULL
        AND event.occurred_at >= period_start
        AND event.occurred_at < period_end
    GROUP BY event.currency, event.finding_type, event.rate
$$;

-- name: let_terms_overlap
-- As a database without its constraints: terms hold together, an amount is no number.
ALTER TABLE app.gain_share_terms DROP CONSTRAINT gain_share_terms_never_overlap;
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;

-- name: events_around
-- Events of every kind and currency a microsecond before, at and after each instant and in the middle of
-- its day; amounts of four digits, below zero too. Of each seven, one is not billable, one is of another
-- category.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    tenant_id,
    CASE number % 7 WHEN 1 THEN 'AVOIDED' ELSE 'RECOVERED' END,
    (hashint8(number) & 1048575) / 10000.0 - 20,
    currency,
    'SHIP_FINDING',
    gen_random_uuid(),
    finding_type,
    'PRICES',
    'prices-' || number,
    number % 7 <> 2,
    instant + aside
FROM
    unnest(:tenant_ids::uuid[]) AS tenant_id,
    unnest(:instants::timestamptz[]) AS instant,
    unnest(ARRAY['-1us', '0', '1us', '12h']::interval[]) AS aside,
    unnest(:currencies::text[]) AS currency,
    unnest(:finding_types::text[]) WITH ORDINALITY AS kind (finding_type, place),
    LATERAL (
        SELECT abs(hashtextextended(concat_ws(' ', instant, aside, currency, finding_type), 0))
    ) AS made (number);

-- name: no_number
UPDATE app.value_events
SET amount = 'NaN'
WHERE id = (
    SELECT id FROM app.value_events
    WHERE tenant_id = :tenant_id AND category = 'RECOVERED' AND billable
    ORDER BY occurred_at DESC
    LIMIT 1 OFFSET 9
);
