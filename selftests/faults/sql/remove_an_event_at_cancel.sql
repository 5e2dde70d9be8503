-- Taking a draft back removes events that were no part of it.
-- stands for: the rule that cleaning up removes the draft and nothing else
-- checks: S2.3
-- says: app.value_events * is gone
CREATE FUNCTION app.remove_an_event_at_cancel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM app.value_events
    WHERE tenant_id = OLD.tenant_id AND occurred_at >= OLD.period_end;
    RETURN NULL;
END $$;
CREATE TRIGGER remove_an_event_at_cancel AFTER DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.remove_an_event_at_cancel();
