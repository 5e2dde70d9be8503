-- name: fingerprint(tenant_id, starts, ends)
-- The tenant's rows of every table a run may touch, each table boiled down to a count and a sum of
-- row hashes. The sum does not depend on any order; a row added, gone or changed changes it.
-- Where bounds are given, only events between them count.
SELECT
    'app.tenants' AS table_name,
    count(*) AS row_count,
    coalesce(sum(hash_record_extended(tenant, 0)), 0)::numeric AS digest
FROM app.tenants AS tenant
WHERE tenant.id = :tenant_id
UNION ALL
SELECT 'app.gain_share_terms', count(*), coalesce(sum(hash_record_extended(terms, 0)), 0)
FROM app.gain_share_terms AS terms
WHERE terms.tenant_id = :tenant_id
UNION ALL
SELECT 'app.value_events', count(*), coalesce(sum(hash_record_extended(event, 0)), 0)
FROM app.value_events AS event
WHERE event.tenant_id = :tenant_id
    AND (:starts::timestamptz IS NULL OR event.occurred_at >= :starts)
    AND (:ends::timestamptz IS NULL OR event.occurred_at < :ends)
UNION ALL
SELECT 'app.billing_invoices', count(*), coalesce(sum(hash_record_extended(invoice, 0)), 0)
FROM app.billing_invoices AS invoice
WHERE invoice.tenant_id = :tenant_id
UNION ALL
SELECT 'app.billing_invoice_lines', count(*), coalesce(sum(hash_record_extended(line, 0)), 0)
FROM app.billing_invoice_lines AS line
JOIN app.billing_invoices AS invoice ON invoice.id = line.invoice_id
WHERE invoice.tenant_id = :tenant_id;

-- name: row_digests(tenant_id)
-- The same rows one by one: read only when the fingerprints differ, to name what does.
SELECT 'app.tenants' AS table_name, tenant.id, hash_record_extended(tenant, 0) AS digest
FROM app.tenants AS tenant
WHERE tenant.id = :tenant_id
UNION ALL
SELECT 'app.gain_share_terms', terms.id, hash_record_extended(terms, 0)
FROM app.gain_share_terms AS terms
WHERE terms.tenant_id = :tenant_id
UNION ALL
SELECT 'app.value_events', event.id, hash_record_extended(event, 0)
FROM app.value_events AS event
WHERE event.tenant_id = :tenant_id
UNION ALL
SELECT 'app.billing_invoices', invoice.id, hash_record_extended(invoice, 0)
FROM app.billing_invoices AS invoice
WHERE invoice.tenant_id = :tenant_id
UNION ALL
SELECT 'app.billing_invoice_lines', line.id, hash_record_extended(line, 0)
FROM app.billing_invoice_lines AS line
JOIN app.billing_invoices AS invoice ON invoice.id = line.invoice_id
WHERE invoice.tenant_id = :tenant_id
ORDER BY table_name, id;

-- name: added_rows(event_ids, invoice_ids)
-- The rows that the run itself added and that may be there for now.
SELECT 'app.value_events' AS table_name, event.id, hash_record_extended(event, 0) AS digest
FROM app.value_events AS event
WHERE event.id = ANY(:event_ids::uuid[])
UNION ALL
SELECT 'app.billing_invoices', invoice.id, hash_record_extended(invoice, 0)
FROM app.billing_invoices AS invoice
WHERE invoice.id = ANY(:invoice_ids::uuid[])
UNION ALL
SELECT 'app.billing_invoice_lines', line.id, hash_record_extended(line, 0)
FROM app.billing_invoice_lines AS line
WHERE line.invoice_id = ANY(:invoice_ids::uuid[]);
