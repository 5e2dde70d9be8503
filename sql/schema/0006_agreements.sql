-- What is agreed beside a rate: tiers of terms, and the limits of a tenant's events and invoices.

-- Tiers of what is recovered under one or several terms, and when they are empty again: at each
-- invoice, at each anniversary of the day on which they begin, or never.
CREATE TABLE app.gain_share_scales (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES app.tenants (id),
    filled_by text NOT NULL,
    begins    date NOT NULL,
    CONSTRAINT gain_share_scales_filled_by_is_known
        CHECK (filled_by IN ('invoice', 'contract year', 'contract'))
);

CREATE TABLE app.gain_share_tiers (
    scale_id uuid NOT NULL REFERENCES app.gain_share_scales (id),
    above    numeric NOT NULL DEFAULT '-Infinity',
    up_to    numeric NOT NULL DEFAULT 'Infinity',
    rate     numeric(7, 6) NOT NULL,
    CONSTRAINT gain_share_tiers_are_one_each PRIMARY KEY (scale_id, above),
    CONSTRAINT gain_share_tiers_rate_is_a_share CHECK (rate BETWEEN 0 AND 1),
    CONSTRAINT gain_share_tiers_are_not_empty CHECK (above < up_to),
    CONSTRAINT gain_share_tiers_never_overlap EXCLUDE USING gist (
        scale_id WITH =,
        numrange(above, up_to) WITH &&
    )
);

-- Where terms have a scale, its tiers are charged; their own rate is the first one's, to be read.
ALTER TABLE app.gain_share_terms
    ADD COLUMN scale_id uuid REFERENCES app.gain_share_scales (id);

-- A tenant without a row has no limits, and is invoiced for totals below zero.
CREATE TABLE app.gain_share_agreements (
    tenant_id             uuid PRIMARY KEY REFERENCES app.tenants (id),
    begins                date NOT NULL,
    cap_per_event         numeric,
    cap_per_invoice       numeric,
    cap_per_contract_year numeric,
    minimum_per_invoice   numeric,
    negative_total        text NOT NULL DEFAULT 'credited',
    CONSTRAINT gain_share_agreements_caps_are_positive CHECK (
        cap_per_event > 0 AND cap_per_event < 'Infinity'
        AND cap_per_invoice > 0 AND cap_per_invoice < 'Infinity'
        AND cap_per_contract_year > 0 AND cap_per_contract_year < 'Infinity'
    ),
    CONSTRAINT gain_share_agreements_minimum_is_positive CHECK (
        minimum_per_invoice > 0 AND minimum_per_invoice < 'Infinity'
    ),
    CONSTRAINT gain_share_agreements_negative_total_is_known CHECK (
        negative_total IN ('credited', 'refused')
    )
);

-- How many anniversaries have passed; before the first day, one less than in the first year.
CREATE FUNCTION app.contract_year(begins date, instant timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT extract(year FROM age(instant AT TIME ZONE 'UTC', begins::timestamp))::integer
        - (instant AT TIME ZONE 'UTC' < begins::timestamp)::integer
$$;
