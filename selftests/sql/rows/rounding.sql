-- The fee of every event is rounded by a mode and to digits that are set.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE TABLE varied.rounding (mode text NOT NULL, digits integer);
INSERT INTO varied.rounding VALUES (:mode, :digits::integer);

CREATE FUNCTION varied.rounded(fee numeric, digits integer, mode text) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
    SELECT whole * power(0.1, digits)
    FROM (SELECT fee * power(10.0, digits)) AS scaled (units)
    CROSS JOIN LATERAL (SELECT CASE mode
        WHEN 'half to even' THEN
            CASE
                WHEN units - floor(units) <> 0.5 THEN round(units)
                ELSE 2 * floor((units + 1) / 2)
            END
        WHEN 'half towards zero' THEN sign(units) * ceil(abs(units) - 0.5)
        WHEN 'half up' THEN floor(units + 0.5)
        WHEN 'down' THEN trunc(units)
        WHEN 'up' THEN sign(units) * ceil(abs(units))
        WHEN 'floor' THEN floor(units)
        WHEN 'ceiling' THEN ceil(units)
        ELSE round(units)
    END) AS result (whole)
$$;

CREATE OR REPLACE VIEW app.priced_events AS
SELECT
    event.id, event.tenant_id, event.category, event.billable, event.billed_at, event.invoice_id,
    event.occurred_at, event.currency, event.finding_type, event.amount,
    coalesce(specific.rate, general.rate) AS rate,
    varied.rounded(
        event.amount * coalesce(specific.rate, general.rate),
        coalesce(settings.digits, currency.minor_digits), settings.mode
    ) AS fee
FROM app.value_events AS event
CROSS JOIN varied.rounding AS settings
LEFT JOIN app.currencies AS currency ON currency.code = event.currency
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
    AND event.occurred_at < general.ends_at;
