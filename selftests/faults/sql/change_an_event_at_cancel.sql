-- Taking a draft back changes the amount of an event of another month.
-- stands for: killbill/killbill/issues/139, a spurious credit
-- checks: S2.3
-- says: app.value_events * is changed
CREATE FUNCTION app.change_an_event_at_cancel() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    UPDATE app.value_events SET amount = amount - 0.01
    WHERE tenant_id = OLD.tenant_id AND occurred_at < OLD.period_start;
    RETURN NULL;
END $$;
CREATE TRIGGER change_an_event_at_cancel AFTER DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.change_an_event_at_cancel();
