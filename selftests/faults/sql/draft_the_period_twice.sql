-- Two invoices are made of one request, for the same period.
-- stands for: frappe/central/pull/170, six workers made six invoices: no unique key
-- checks: S2.1
-- says: 2 new invoices stored
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_never_overlap;
CREATE FUNCTION app.draft_the_period_twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        INSERT INTO app.billing_invoices (
            tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
            recovered_amount, gain_share_amount, events_digest
        )
        VALUES (
            NEW.tenant_id, NEW.invoice_number || '-2', 'DRAFT', NEW.currency,
            NEW.period_start, NEW.period_end, NEW.event_count,
            NEW.recovered_amount, NEW.gain_share_amount, NEW.events_digest
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER draft_the_period_twice AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_the_period_twice();
