-- Ledgerline's tables, as the gate reads them, and what a guest may write there. Amounts are in cents,
-- rates in percent, currencies in lower case.

-- name: tenants
SELECT
    account.id, account.title AS name, account.handle AS slug, account.state AS status,
    hash_record_extended(account, 0) AS digest
FROM ledger.accounts AS account;

-- name: events
-- A finding is billed by the items of any invoice but a void one.
SELECT
    finding.id, finding.account_id AS tenant_id, finding.reference AS key,
    finding.amount_cents * 0.01 AS amount, upper(account.currency) AS currency,
    finding.kind AS finding_type, finding.happened_at AS occurred_at, finding.created_at,
    finding.state AS category,
    (finding.state = 'recovered' AND finding.deleted_at IS NULL) AS billable,
    EXISTS (
        SELECT FROM ledger.invoice_items AS item
        JOIN ledger.invoices AS invoice ON invoice.id = item.invoice_id
        WHERE item.finding_id = finding.id AND invoice.state <> 'void'
    ) AS billed,
    (
        SELECT max(item.invoice_id) FROM ledger.invoice_items AS item
        JOIN ledger.invoices AS invoice ON invoice.id = item.invoice_id
        WHERE item.finding_id = finding.id AND invoice.state <> 'void'
    ) AS invoice_id,
    hash_record_extended(finding, 0) AS digest
FROM ledger.findings AS finding
JOIN ledger.accounts AS account ON account.id = finding.account_id;

-- name: terms
SELECT
    contract.id, contract.account_id AS tenant_id, NULL::text AS finding_type,
    upper(account.currency) AS currency, contract.rate_percent * 0.01 AS rate,
    contract.starts AS valid_from, contract.ends AS valid_to,
    hash_record_extended(contract, 0) AS digest
FROM ledger.contracts AS contract
JOIN ledger.accounts AS account ON account.id = contract.account_id;

-- name: invoices
SELECT
    invoice.id, invoice.account_id AS tenant_id, invoice.number, invoice.state AS status,
    upper(account.currency) AS currency, invoice.month AS period_start,
    invoice.month + interval '1 month' AS period_end,
    invoice.total_cents * 0.01 AS gain_share_amount, invoice.created_at,
    invoice.sent_at AS issued_at, invoice.settled_at AS paid_at,
    hash_record_extended(invoice, 0) AS digest
FROM ledger.invoices AS invoice
JOIN ledger.accounts AS account ON account.id = invoice.account_id;

-- name: lines
SELECT
    item.id, item.invoice_id, item.finding_id AS event_id, invoice.rate_percent * 0.01 AS rate,
    item.recovered_cents * 0.01 AS recovered_amount, item.fee_cents * 0.01 AS gain_share_amount,
    hash_record_extended(item, 0) AS digest
FROM ledger.invoice_items AS item
JOIN ledger.invoices AS invoice ON invoice.id = item.invoice_id;

-- name: plant_event
INSERT INTO ledger.findings (
    account_id, kind, state, amount_cents, happened_at, reference, created_at
)
VALUES (
    :tenant_id, :finding_type, 'recovered', (:amount::numeric * 100)::bigint, :occurred_at, :key,
    :created_at
)
RETURNING id;

-- name: planted_events
SELECT
    id, account_id AS tenant_id, kind AS finding_type, amount_cents * 0.01 AS amount,
    happened_at AS occurred_at, reference AS key, created_at
FROM ledger.findings
WHERE id = ANY(:ids::bigint[]);

-- name: spoil_event
UPDATE ledger.findings SET state = 'identified' WHERE id = :id AND account_id = :tenant_id;

-- name: restore_event
UPDATE ledger.findings SET state = 'recovered' WHERE id = :id AND account_id = :tenant_id;

-- name: decoy_rejected
UPDATE ledger.findings SET state = 'rejected' WHERE id = :id AND account_id = :tenant_id;

-- name: decoy_deleted
UPDATE ledger.findings SET deleted_at = now() WHERE id = :id AND account_id = :tenant_id;

-- name: remove_invoices
-- A payment and an item keep their invoice from being deleted, so they go first.
DELETE FROM ledger.payments WHERE invoice_id IN (
    SELECT id FROM ledger.invoices WHERE id = ANY(:ids::bigint[]) AND account_id = :tenant_id
);
DELETE FROM ledger.invoice_items WHERE invoice_id IN (
    SELECT id FROM ledger.invoices WHERE id = ANY(:ids::bigint[]) AND account_id = :tenant_id
);
DELETE FROM ledger.invoices WHERE id = ANY(:ids::bigint[]) AND account_id = :tenant_id;

-- name: remove_events
-- The items of void invoices stay on record and keep their finding from being deleted: an invoice
-- that a dead run made void goes with its seeds.
WITH gone AS (
    DELETE FROM ledger.invoice_items AS item USING ledger.invoices AS invoice
    WHERE invoice.id = item.invoice_id
        AND invoice.state = 'void'
        AND invoice.account_id = :tenant_id
        AND item.invoice_id IN (
            SELECT invoice_id FROM ledger.invoice_items WHERE finding_id = ANY(:ids::bigint[])
        )
    RETURNING item.invoice_id
)
DELETE FROM ledger.invoices WHERE id IN (SELECT invoice_id FROM gone);
DELETE FROM ledger.findings
WHERE id = ANY(:ids::bigint[])
    AND account_id = :tenant_id
    AND starts_with(reference, 'dryrun-');
