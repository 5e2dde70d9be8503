-- What was recovered for a customer: one row an event, never more than once on an invoice.

CREATE TABLE app.value_events (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id          uuid NOT NULL REFERENCES app.tenants (id),
    category           text NOT NULL,
    amount             numeric(18, 4) NOT NULL,
    currency           text NOT NULL,
    source_entity_type text NOT NULL,
    source_entity_id   uuid NOT NULL,
    finding_type       text NOT NULL,
    reason_code        text NOT NULL,
    idempotency_key    text NOT NULL,
    billable           boolean NOT NULL,
    billed_at          timestamptz,
    occurred_at        timestamptz NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    invoice_id         uuid,
    CONSTRAINT value_events_idempotency_key_is_unique UNIQUE (tenant_id, idempotency_key),
    -- numeric(18, 4) holds no infinity, but it does hold NaN.
    CONSTRAINT value_events_amount_is_finite CHECK (amount <> 'NaN'),
    CONSTRAINT value_events_billed_with_invoice CHECK ((billed_at IS NULL) = (invoice_id IS NULL))
);

-- A period of one tenant's unbilled events is one range of this index.
CREATE INDEX value_events_unbilled ON app.value_events (tenant_id, occurred_at)
    WHERE category = 'RECOVERED' AND billable AND billed_at IS NULL;

-- Removing a draft asks whether an event points to it; most rows point nowhere.
CREATE INDEX value_events_by_invoice ON app.value_events (invoice_id)
    WHERE invoice_id IS NOT NULL;
