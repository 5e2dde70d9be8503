-- The share of a recovery that is billed: by finding type and by the UTC date of the event.

CREATE TABLE app.gain_share_terms (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id    uuid NOT NULL REFERENCES app.tenants (id),
    finding_type text,
    currency     text NOT NULL REFERENCES app.currencies (code),
    rate         numeric(7, 6) NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date,
    -- The validity as instants, so that an event is compared without a conversion of its own.
    starts_at    timestamptz NOT NULL
        GENERATED ALWAYS AS (valid_from::timestamp AT TIME ZONE 'UTC') STORED,
    ends_at      timestamptz NOT NULL
        GENERATED ALWAYS AS (coalesce(valid_to::timestamp AT TIME ZONE 'UTC', 'infinity')) STORED,
    CONSTRAINT gain_share_terms_rate_is_a_share CHECK (rate BETWEEN 0 AND 1),
    CONSTRAINT gain_share_terms_validity_is_not_empty CHECK (valid_from < valid_to),
    CONSTRAINT gain_share_terms_finding_type_is_named CHECK (finding_type <> ''),
    -- NULL, all finding types, is a scope of its own beside each named type.
    CONSTRAINT gain_share_terms_never_overlap EXCLUDE USING gist (
        tenant_id WITH =,
        currency WITH =,
        coalesce(finding_type, '') WITH =,
        daterange(valid_from, valid_to) WITH &&
    )
);
