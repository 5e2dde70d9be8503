-- The least that may be granted to whoever runs the gate on the platform that is described as
-- reference; written by: python -m platforms roles reference
-- An administrator who owns the tables runs it once on a staging database; a second run changes
-- nothing. Then, for example: GRANT p9a_reader TO alice;
-- The roles belong to the whole server, the grants to this database. No grant can tell a seed from
-- an event: that only seeds are deleted is the gate's own word, kept by id, tenant and prefix.

BEGIN;

-- p9a_reader            step 1, and anything with --read-only: it cannot write
-- p9a_gate              the whole gate, where the platform is called from outside
-- p9a_gate_in_process   the whole gate, where the platform works in the gate's transaction
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['p9a_reader', 'p9a_gate', 'p9a_gate_in_process'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END $$;

-- Each may do what the one before it may.
GRANT p9a_reader TO p9a_gate;
GRANT p9a_gate TO p9a_gate_in_process;

GRANT USAGE ON SCHEMA app TO p9a_reader;

-- Whole tables: the books are a fingerprint of every column of a tenant's rows.
GRANT SELECT ON
    app.tenants,
    app.value_events,
    app.gain_share_terms,
    app.billing_invoices,
    app.billing_invoice_lines,
    app.gain_share_agreements,
    app.gain_share_scales,
    app.gain_share_tiers
TO p9a_reader;

-- Seeds come and go; what the platform made for the run, and did not take back itself, goes too.
GRANT
    INSERT (
        id, tenant_id, category, amount, currency, source_entity_type, source_entity_id,
        finding_type, reason_code, idempotency_key, billable, billed_at, occurred_at, created_at
    ),
    UPDATE (billable, category, billed_at, invoice_id),
    DELETE
ON app.value_events TO p9a_gate;
GRANT DELETE ON app.billing_invoice_lines TO p9a_gate;
GRANT DELETE ON app.billing_invoices TO p9a_gate;

-- The scratch tenants of check M.1, their terms, events and invoices of their past.
GRANT INSERT (id, name, slug, status) ON app.tenants TO p9a_gate_in_process;
GRANT
    INSERT (tenant_id, finding_type, currency, rate, valid_from, valid_to)
ON app.gain_share_terms TO p9a_gate_in_process;
GRANT
    INSERT (
        id, tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
        recovered_amount, gain_share_amount, events_digest, issued_at
    )
ON app.billing_invoices TO p9a_gate_in_process;
GRANT INSERT (invoice_id) ON app.value_events TO p9a_gate_in_process;

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

COMMIT;
