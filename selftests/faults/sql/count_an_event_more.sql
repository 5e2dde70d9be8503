-- The draft says that it bills one event more than its lines do.
-- stands for: the rule that an invoice's counts are those of its events
-- checks: S2.2
-- says: event count 11, not 10
-- explained: counting one event more
CREATE FUNCTION app.count_an_event_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.event_count = NEW.event_count + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER count_an_event_more BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.count_an_event_more();
