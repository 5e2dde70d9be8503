-- A draft that is taken back leaves its events marked as billed.
-- stands for: saeloun/miru-web/pull/1220, a deleted draft left its entries unbillable
-- checks: S2.3
-- says: app.value_events * is changed
ALTER TABLE app.value_events DROP CONSTRAINT value_events_billed_with_invoice;
CREATE FUNCTION app.leave_events_unbillable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events SET billed_at = clock_timestamp()
    WHERE tenant_id = OLD.tenant_id
        AND billed_at IS NULL
        AND occurred_at >= OLD.period_start
        AND occurred_at < OLD.period_end;
    RETURN NULL;
END $$;
CREATE TRIGGER leave_events_unbillable AFTER DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.leave_events_unbillable();
