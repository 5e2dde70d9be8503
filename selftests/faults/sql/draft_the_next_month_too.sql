-- The next month is drafted along with the one that was asked for.
-- stands for: getlago/lago-api/pull/958, a job that waited made a second invoice
-- checks: S2.1
-- says: 2 new invoices stored
CREATE FUNCTION app.draft_the_next_month_too() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        INSERT INTO app.billing_invoices (
            tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
            recovered_amount, gain_share_amount, events_digest
        )
        VALUES (
            NEW.tenant_id, NEW.invoice_number || '-2', 'DRAFT', NEW.currency,
            NEW.period_end, NEW.period_end + interval '1 month', NEW.event_count,
            NEW.recovered_amount, NEW.gain_share_amount, NEW.events_digest
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER draft_the_next_month_too AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_the_next_month_too();
