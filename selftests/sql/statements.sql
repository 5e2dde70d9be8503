-- name: tables_of_relations_names
-- A platform whose tables are called as the gate calls its relations.
CREATE TEMP TABLE tenants AS SELECT 1 AS id, 'USD' AS currency;
CREATE TEMP TABLE invoices AS SELECT 1 AS id;

-- name: insert_invoice
-- An invoice of one line.
WITH invoice AS (
    INSERT INTO app.billing_invoices (
        tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
        recovered_amount, gain_share_amount, events_digest
    )
    VALUES (:tenant_id, 'D-1', 'DRAFT', 'USD', '2026-02-01Z', '2026-03-01Z', 1, 4, 1, 0)
    RETURNING id
)
INSERT INTO app.billing_invoice_lines (
    invoice_id, finding_type, rate, event_count, recovered_amount, gain_share_amount
)
SELECT id, 'DUPLICATE_CHARGE', 0.25, 1, 4, 1 FROM invoice
RETURNING invoice_id;
