-- A draft claims its events, so that it can never be taken back.
-- stands for: the rule that a draft bills nothing
-- checks: S2.3
-- says: violates foreign key constraint "value_events_invoice_exists"
CREATE FUNCTION app.bill_events_at_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events SET billed_at = clock_timestamp(), invoice_id = NEW.id
    WHERE tenant_id = NEW.tenant_id
        AND billed_at IS NULL
        AND occurred_at >= NEW.period_start
        AND occurred_at < NEW.period_end;
    RETURN NULL;
END $$;
CREATE TRIGGER bill_events_at_draft AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.bill_events_at_draft();
