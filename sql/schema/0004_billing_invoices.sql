-- What is billed: one invoice a tenant and period, with a few lines.

CREATE TABLE app.billing_invoices (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id         uuid NOT NULL REFERENCES app.tenants (id),
    invoice_number    text NOT NULL,
    status            text NOT NULL,
    currency          text NOT NULL REFERENCES app.currencies (code),
    period_start      timestamptz NOT NULL,
    period_end        timestamptz NOT NULL,
    event_count       bigint NOT NULL,
    recovered_amount  numeric NOT NULL,
    gain_share_amount numeric NOT NULL,
    -- The sum of the ids' hashes: tells whether the same events are claimed as were drafted.
    events_digest     numeric NOT NULL,
    idempotency_key   text,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    issued_at         timestamptz,
    paid_at           timestamptz,
    CONSTRAINT billing_invoices_number_is_unique UNIQUE (tenant_id, invoice_number),
    -- Over all tenants: a key names one creation, whoever is billed by it.
    CONSTRAINT billing_invoices_idempotency_key_is_unique UNIQUE (idempotency_key),
    CONSTRAINT billing_invoices_status_is_known CHECK (status IN ('DRAFT', 'ISSUED', 'PAID')),
    CONSTRAINT billing_invoices_status_matches_times CHECK (
        (status <> 'DRAFT') = (issued_at IS NOT NULL) AND (status = 'PAID') = (paid_at IS NOT NULL)
    ),
    CONSTRAINT billing_invoices_period_is_not_empty CHECK (period_start < period_end),
    CONSTRAINT billing_invoices_bill_something CHECK (event_count > 0),
    CONSTRAINT billing_invoices_amounts_are_finite CHECK (
        recovered_amount NOT IN ('NaN', 'Infinity', '-Infinity')
        AND gain_share_amount NOT IN ('NaN', 'Infinity', '-Infinity')
    ),
    -- DRAFT, ISSUED and PAID alike: no instant of a tenant is on two invoices.
    CONSTRAINT billing_invoices_never_overlap EXCLUDE USING gist (
        tenant_id WITH =,
        tstzrange(period_start, period_end) WITH &&
    )
);

CREATE TABLE app.billing_invoice_lines (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    invoice_id        uuid NOT NULL REFERENCES app.billing_invoices (id),
    finding_type      text NOT NULL,
    rate              numeric(7, 6) NOT NULL,
    event_count       bigint NOT NULL,
    recovered_amount  numeric NOT NULL,
    gain_share_amount numeric NOT NULL,
    CONSTRAINT billing_invoice_lines_are_aggregated UNIQUE (invoice_id, finding_type, rate),
    CONSTRAINT billing_invoice_lines_bill_something CHECK (event_count > 0)
);

ALTER TABLE app.value_events
    ADD CONSTRAINT value_events_invoice_exists FOREIGN KEY (invoice_id)
    REFERENCES app.billing_invoices (id);
