-- The month has an invoice that is overdue.
-- stands for: saeloun/miru-web/pull/699, a list of states that forgot overdue
-- checks: S1.3
-- says: overdue
INSERT INTO ledger.invoices (account_id, number, state, month, rate_percent, total_cents, sent_at)
SELECT
    id, concat('LL-2026-', lpad((98 + id)::text, 6, '0')), 'overdue', '2026-02-01', 17.5, 100,
    '2026-03-02T00:00Z'
FROM ledger.accounts;
