-- Another schema, other names of tables and columns, for everything that is read and written.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;

CREATE VIEW varied.organizations AS
SELECT id AS org_id, name AS legal_name, slug AS handle, status AS state FROM app.tenants;

CREATE VIEW varied.recoveries AS
SELECT
    id AS recovery_id, tenant_id AS org_id, category AS stage, amount AS recovered,
    currency AS ccy, source_entity_type AS source_kind, source_entity_id AS source_ref,
    finding_type AS kind, reason_code AS reason, idempotency_key AS external_ref,
    billable AS chargeable, billed_at AS charged_at, occurred_at AS happened_at,
    created_at AS recorded_at, invoice_id AS bill_id
FROM app.value_events;

CREATE VIEW varied.agreements AS
SELECT
    id AS agreement_id, tenant_id AS org_id, finding_type AS kind, currency AS ccy, rate AS share,
    valid_from AS since, valid_to AS until
FROM app.gain_share_terms;

CREATE VIEW varied.bills AS
SELECT
    id AS bill_id, tenant_id AS org_id, invoice_number AS reference, status AS state,
    currency AS ccy, period_start AS covers_from, period_end AS covers_to, event_count AS positions,
    recovered_amount AS base, gain_share_amount AS fee, idempotency_key AS request_id,
    created_at AS drawn_up_at, issued_at AS sent_at, paid_at AS settled_at
FROM app.billing_invoices;

CREATE VIEW varied.bill_items AS
SELECT
    id AS item_id, invoice_id AS bill_id, finding_type AS kind, rate AS share,
    event_count AS positions, recovered_amount AS base, gain_share_amount AS fee
FROM app.billing_invoice_lines;

-- name: tenants
SELECT
    o.org_id AS id, o.legal_name AS name, o.handle AS slug, o.state AS status,
    hash_record_extended(o, 0) AS digest
FROM varied.organizations AS o;

-- name: events
SELECT
    r.recovery_id AS id, r.org_id AS tenant_id, r.external_ref AS key, r.recovered AS amount,
    r.ccy AS currency, r.kind AS finding_type, r.happened_at AS occurred_at,
    (r.stage = 'RECOVERED' AND r.chargeable) AS billable, (r.charged_at IS NOT NULL) AS billed,
    r.bill_id AS invoice_id, hash_record_extended(r, 0) AS digest
FROM varied.recoveries AS r;

-- name: terms
SELECT
    a.agreement_id AS id, a.org_id AS tenant_id, a.kind AS finding_type, a.ccy AS currency,
    a.share AS rate, a.since AS valid_from, a.until AS valid_to,
    hash_record_extended(a, 0) AS digest
FROM varied.agreements AS a;

-- name: invoices
SELECT
    b.bill_id AS id, b.org_id AS tenant_id, b.reference AS number, b.state AS status,
    b.ccy AS currency, b.covers_from AS period_start, b.covers_to AS period_end,
    b.positions AS event_count, b.base AS recovered_amount, b.fee AS gain_share_amount,
    b.request_id AS idempotency_key, b.drawn_up_at AS created_at, b.sent_at AS issued_at,
    b.settled_at AS paid_at, hash_record_extended(b, 0) AS digest
FROM varied.bills AS b;

-- name: lines
SELECT
    i.item_id AS id, i.bill_id AS invoice_id, i.kind AS finding_type, i.share AS rate,
    i.positions AS event_count, i.base AS recovered_amount, i.fee AS gain_share_amount,
    hash_record_extended(i, 0) AS digest
FROM varied.bill_items AS i;

-- name: plant_event
INSERT INTO varied.recoveries (
    recovery_id, org_id, stage, recovered, ccy, source_kind, source_ref, kind, reason,
    external_ref, chargeable, happened_at, recorded_at
)
VALUES (
    gen_random_uuid(), :tenant_id, 'RECOVERED', :amount, :currency, :source_entity_type,
    :source_entity_id, :finding_type, :reason_code, :key, true, :occurred_at, :created_at
)
RETURNING recovery_id;

-- name: planted_events
SELECT
    recovery_id AS id, org_id AS tenant_id, recovered AS amount, ccy AS currency,
    source_kind AS source_entity_type, source_ref AS source_entity_id, kind AS finding_type,
    reason AS reason_code, external_ref AS key, happened_at AS occurred_at,
    recorded_at AS created_at
FROM varied.recoveries
WHERE recovery_id = ANY(:ids::uuid[]);

-- name: spoil_event
UPDATE varied.recoveries SET chargeable = false WHERE recovery_id = :id AND org_id = :tenant_id;

-- name: restore_event
UPDATE varied.recoveries SET chargeable = true WHERE recovery_id = :id AND org_id = :tenant_id;

-- name: remove_events
DELETE FROM varied.recoveries
WHERE recovery_id = ANY(:ids::uuid[])
    AND org_id = :tenant_id
    AND starts_with(external_ref, 'dryrun-');

-- name: remove_invoices
UPDATE varied.recoveries
SET charged_at = NULL, bill_id = NULL
WHERE org_id = :tenant_id AND bill_id = ANY(:ids::uuid[]);

DELETE FROM varied.bill_items WHERE bill_id = ANY(:ids::uuid[]);

DELETE FROM varied.bills WHERE bill_id = ANY(:ids::uuid[]) AND org_id = :tenant_id;

-- fault: S2.2 what was recovered is read as the fee of an item
-- name: lines
SELECT
    i.item_id AS id, i.bill_id AS invoice_id, i.kind AS finding_type, i.share AS rate,
    i.positions AS event_count, i.base AS recovered_amount, i.base AS gain_share_amount,
    hash_record_extended(i, 0) AS digest
FROM varied.bill_items AS i;

-- fault: S3.3 seeds are looked for under another prefix when they are removed
-- name: remove_events
DELETE FROM varied.recoveries
WHERE recovery_id = ANY(:ids::uuid[])
    AND org_id = :tenant_id
    AND starts_with(external_ref, 'seed-');
