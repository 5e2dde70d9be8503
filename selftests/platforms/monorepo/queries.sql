-- name: customer(customer_id)^
SELECT id, currency, share, deleted_at FROM payback.customers WHERE id = :customer_id;

-- name: lock_customer(customer_id)$
-- Held to the end of the transaction: a customer's invoices are opened and numbered in turn.
SELECT id FROM payback.customers WHERE id = :customer_id FOR NO KEY UPDATE;

-- name: lock_key(key)$
-- Held to the end of the transaction: of two requests with one key, the second sees the first's.
SELECT pg_advisory_xact_lock(hashtextextended('payback request ' || :key, 0));

-- name: opened_with(key)^
SELECT
    invoice.id,
    invoice.customer_id,
    invoice.starts_at AT TIME ZONE 'UTC' AS starts_at,
    invoice.ends_at AT TIME ZONE 'UTC' AS ends_at
FROM payback.request_keys AS request
JOIN payback.invoices AS invoice ON invoice.id = request.invoice_id
WHERE request.key = :key;

-- name: in_the_way(customer_id, starts_at, ends_at)^
-- The first invoice that bills an instant of the period, or is about to.
SELECT id, number, state
FROM payback.invoices
WHERE customer_id = :customer_id
    AND state <> 'VOID'
    AND starts_at < :ends_at::timestamptz AT TIME ZONE 'UTC'
    AND ends_at > :starts_at::timestamptz AT TIME ZONE 'UTC'
ORDER BY starts_at
LIMIT 1;

-- name: quote(customer_id, starts_at, ends_at)^
-- What is confirmed and on no final invoice: its share of it all is rounded once, halves away from 0.
SELECT
    count(*) AS recoveries,
    round(sum(recovery.amount) * customer.share, 2) AS fee,
    sum(hashtextextended(recovery.id, 0)) AS fingerprint
FROM payback.recoveries AS recovery
JOIN payback.customers AS customer ON customer.id = recovery.customer_id
WHERE recovery.customer_id = :customer_id
    AND recovery.state = 'CONFIRMED'
    AND recovery.happened_at >= :starts_at::timestamptz AT TIME ZONE 'UTC'
    AND recovery.happened_at < :ends_at::timestamptz AT TIME ZONE 'UTC'
    AND NOT EXISTS (SELECT FROM payback.claims WHERE claims.recovery_id = recovery.id)
GROUP BY customer.share;

-- name: insert_invoice(customer_id, starts_at, ends_at, share, fee, fingerprint)$
INSERT INTO payback.invoices (customer_id, starts_at, ends_at, share, fee, fingerprint)
VALUES (
    :customer_id,
    :starts_at::timestamptz AT TIME ZONE 'UTC',
    :ends_at::timestamptz AT TIME ZONE 'UTC',
    :share,
    :fee,
    :fingerprint
)
RETURNING id;

-- name: insert_key(key, invoice_id)!
INSERT INTO payback.request_keys (key, invoice_id) VALUES (:key, :invoice_id);

-- name: invoice(customer_id, invoice_id)^
-- Another customer's invoice is not found, exactly as one that never was.
SELECT
    invoice.id,
    invoice.customer_id,
    invoice.number,
    invoice.state,
    invoice.starts_at AT TIME ZONE 'UTC' AS starts_at,
    invoice.ends_at AT TIME ZONE 'UTC' AS ends_at,
    customer.currency,
    invoice.share,
    invoice.fee,
    invoice.fingerprint,
    invoice.finalized_at AT TIME ZONE 'UTC' AS finalized_at,
    invoice.settled_at AT TIME ZONE 'UTC' AS settled_at
FROM payback.invoices AS invoice
JOIN payback.customers AS customer ON customer.id = invoice.customer_id
WHERE invoice.id = :invoice_id AND invoice.customer_id = :customer_id;

-- name: lock_invoice(customer_id, invoice_id)$
-- Held to the end of the transaction: of two changes at once, the second sees the first's result.
SELECT id FROM payback.invoices
WHERE id = :invoice_id AND customer_id = :customer_id
FOR UPDATE;

-- name: delete_invoice(invoice_id)!
DELETE FROM payback.invoices WHERE id = :invoice_id;

-- name: claim(customer_id, invoice_id, starts_at, ends_at)!
INSERT INTO payback.claims (recovery_id, invoice_id)
SELECT recovery.id, :invoice_id
FROM payback.recoveries AS recovery
WHERE recovery.customer_id = :customer_id
    AND recovery.state = 'CONFIRMED'
    AND recovery.happened_at >= :starts_at::timestamptz AT TIME ZONE 'UTC'
    AND recovery.happened_at < :ends_at::timestamptz AT TIME ZONE 'UTC'
    AND NOT EXISTS (SELECT FROM payback.claims WHERE claims.recovery_id = recovery.id);

-- name: finalize(customer_id, invoice_id)!
-- Numbers count up for each customer, and a void invoice keeps its own.
UPDATE payback.invoices
SET state = 'FINALIZED',
    finalized_at = payback.now_utc(),
    number = (
        SELECT 'PB-' || coalesce(max(substr(number, 4)::bigint), 0) + 1
        FROM payback.invoices
        WHERE customer_id = :customer_id
    )
WHERE id = :invoice_id;

-- name: settle(invoice_id)!
UPDATE payback.invoices SET state = 'SETTLED', settled_at = payback.now_utc() WHERE id = :invoice_id;

-- name: release(invoice_id)!
DELETE FROM payback.claims WHERE invoice_id = :invoice_id;

-- name: void(invoice_id)!
UPDATE payback.invoices SET state = 'VOID' WHERE id = :invoice_id;
