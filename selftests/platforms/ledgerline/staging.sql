-- Statements by which tests furnish a ledger: by SQL, never through the platform.

-- name: insert_account(title, handle, state, currency)$
INSERT INTO ledger.accounts (title, handle, state, currency)
VALUES (:title, :handle, :state, :currency)
RETURNING id;

-- name: insert_contract(account_id, rate_percent, starts, ends)!
INSERT INTO ledger.contracts (account_id, rate_percent, starts, ends)
VALUES (:account_id, :rate_percent, :starts, :ends);

-- name: keep_caps()#
-- A later release of Ledgerline keeps the most that an item is charged with each contract.
ALTER TABLE ledger.contracts ADD COLUMN item_cap_cents bigint;

-- name: cap_contracts(account_id, since, cap_cents)!
-- Of an account, those that began by a day.
UPDATE ledger.contracts SET item_cap_cents = :cap_cents
WHERE account_id = :account_id AND starts <= :since;

-- name: insert_finding(account_id, kind, state, amount_cents, happened_at, reference, deleted_at)$
-- It is reported an hour after it happened.
INSERT INTO ledger.findings (
    account_id, kind, state, amount_cents, happened_at, reference, deleted_at, created_at,
    updated_at
)
VALUES (
    :account_id, :kind, :state, :amount_cents, :happened_at, :reference, :deleted_at,
    (:happened_at)::timestamptz + interval '1 hour', (:happened_at)::timestamptz + interval '1 hour'
)
RETURNING id;

-- name: insert_invoice(account_id, month, state, number, rate_percent, finding_ids)$
-- An invoice as the platform makes it: made when its month is over, sent a day later.
WITH item AS (
    SELECT id, amount_cents, round(amount_cents * (:rate_percent)::numeric / 100) AS fee_cents
    FROM ledger.findings
    WHERE id = ANY((:finding_ids)::bigint[])
),
invoice AS (
    INSERT INTO ledger.invoices (
        account_id, number, state, month, rate_percent, total_cents, created_at, sent_at,
        settled_at, voided_at, updated_at
    )
    SELECT
        :account_id, :number, (:state)::text, :month, :rate_percent,
        (SELECT coalesce(sum(fee_cents), 0) FROM item), next.month,
        CASE WHEN (:number)::text IS NOT NULL THEN next.month + interval '1 day' END,
        CASE WHEN (:state)::text = 'paid' THEN next.month + interval '2 days' END,
        CASE WHEN (:state)::text = 'void' THEN next.month + interval '3 days' END, next.month
    FROM (SELECT ((:month)::timestamp + interval '1 month') AT TIME ZONE 'UTC' AS month) AS next
    RETURNING id
),
stored AS (
    INSERT INTO ledger.invoice_items (invoice_id, finding_id, recovered_cents, fee_cents)
    SELECT invoice.id, item.id, item.amount_cents, item.fee_cents FROM invoice, item
)
SELECT id FROM invoice;

-- name: next_number(year)$
INSERT INTO ledger.counters AS counter (year, last) VALUES (:year, 1)
ON CONFLICT (year) DO UPDATE SET last = counter.last + 1
RETURNING concat('LL-', year, '-', lpad(last::text, 6, '0'));

-- name: set_account_state(account_id, state)!
UPDATE ledger.accounts SET state = :state WHERE id = :account_id;

-- name: set_invoice_state(invoice_id, state)!
UPDATE ledger.invoices SET state = :state WHERE id = :invoice_id;

-- name: set_amount(finding_id, amount_cents)!
UPDATE ledger.findings SET amount_cents = :amount_cents WHERE id = :finding_id;

-- name: set_rate(account_id, rate_percent)!
UPDATE ledger.contracts SET rate_percent = :rate_percent WHERE account_id = :account_id;

-- name: delete_softly(finding_id)!
UPDATE ledger.findings SET deleted_at = now() WHERE id = :finding_id;

-- name: delete_finding(finding_id)!
DELETE FROM ledger.findings WHERE id = :finding_id;

-- name: touched(finding_id)$
SELECT updated_at FROM ledger.findings WHERE id = :finding_id;

-- name: hold_account(account_id)$
-- Makes whoever bills the account wait until the transaction ends.
SELECT id FROM ledger.accounts WHERE id = :account_id FOR UPDATE;

-- name: hold_counters()#
-- Makes whoever needs a number wait until the transaction ends.
LOCK TABLE ledger.counters IN EXCLUSIVE MODE;

-- name: waiting()$
-- How many of the platform's sessions wait for a lock.
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
    AND application_name = 'ledgerline'
    AND wait_event_type = 'Lock';

-- name: all_rows()
-- Every row of every table, as text: to see that nothing changed at all.
SELECT 'accounts' AS table_name, to_jsonb(account)::text AS content FROM ledger.accounts AS account
UNION ALL
SELECT 'contracts', to_jsonb(contract)::text FROM ledger.contracts AS contract
UNION ALL
SELECT 'findings', to_jsonb(finding)::text FROM ledger.findings AS finding
UNION ALL
SELECT 'invoices', to_jsonb(invoice)::text FROM ledger.invoices AS invoice
UNION ALL
SELECT 'invoice_items', to_jsonb(item)::text FROM ledger.invoice_items AS item
UNION ALL
SELECT 'payments', to_jsonb(payment)::text FROM ledger.payments AS payment
UNION ALL
SELECT 'counters', to_jsonb(counter)::text FROM ledger.counters AS counter
UNION ALL
SELECT 'audit_log', to_jsonb(entry)::text FROM ledger.audit_log AS entry
UNION ALL
SELECT 'outbox', to_jsonb(message)::text FROM ledger.outbox AS message
ORDER BY 1, 2;
