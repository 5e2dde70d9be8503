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
