-- The draft says that it bills a day more than was asked for.
-- stands for: novuhq/novu/pull/12191, an inclusive end counted the next day too
-- checks: S2.1
-- says: period [2026-02-01, 2026-03-02)
CREATE FUNCTION app.draft_a_day_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.period_end = NEW.period_end + interval '1 day';
    RETURN NEW;
END $$;
CREATE TRIGGER draft_a_day_more BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_a_day_more();
