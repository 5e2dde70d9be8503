-- Paying an invoice moves the date on which it was issued.
-- stands for: the rule that nothing but its status moves when an invoice is paid
-- checks: S4.4
-- says: number or issue moved when it was paid
-- tenant: empty
CREATE FUNCTION app.move_the_issue_when_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        NEW.issued_at = NEW.issued_at + interval '1 microsecond';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER move_the_issue_when_paid BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.move_the_issue_when_paid();
