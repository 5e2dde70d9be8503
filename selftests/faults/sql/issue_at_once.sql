-- What was asked for as a draft is issued at once.
-- stands for: the rule that nothing is issued before somebody says so
-- checks: S2.1
-- says: status ISSUED
CREATE FUNCTION app.issue_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.status = 'ISSUED';
    NEW.issued_at = clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER issue_at_once BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.issue_at_once();
