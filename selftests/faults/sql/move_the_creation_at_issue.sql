-- An invoice is as old as its issue: the row forgets when it was made.
-- stands for: the rule that a row keeps the date of its creation
-- checks: S4.4
-- says: amount, event count or creation moved
-- tenant: empty
CREATE FUNCTION app.move_the_creation_at_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        NEW.created_at = NEW.issued_at;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER move_the_creation_at_issue BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.move_the_creation_at_issue();
