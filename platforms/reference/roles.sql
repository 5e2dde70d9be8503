-- The gate recognises the reference platform by its record of migrations.
GRANT SELECT ON app.schema_migrations TO p9a_reader;

-- The reference platform prices by terms, and again by a view when it issues; it locks the tenant whose
-- invoice it makes (a lock needs UPDATE on some column: the key, which no row that points to it lets
-- change), and writes invoices.
GRANT SELECT ON app.currencies TO p9a_reader;
GRANT SELECT ON app.priced_events TO p9a_gate_in_process;
GRANT UPDATE (id) ON app.tenants TO p9a_gate_in_process;
GRANT
    INSERT (
        id, tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
        recovered_amount, gain_share_amount, brought_forward, carried_forward, events_digest,
        idempotency_key, issued_at
    ),
    UPDATE (status, invoice_number, issued_at, paid_at)
ON app.billing_invoices TO p9a_gate_in_process;
GRANT INSERT (invoice_id, finding_type, rate, event_count, recovered_amount, gain_share_amount)
ON app.billing_invoice_lines TO p9a_gate_in_process;
