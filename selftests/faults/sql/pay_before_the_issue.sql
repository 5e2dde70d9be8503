-- An invoice was paid a day before it was issued.
-- stands for: the rule that created, issued and paid follow each other
-- checks: S4.4
-- says: created, issued and paid are not in order
-- tenant: empty
CREATE FUNCTION app.pay_before_the_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        NEW.paid_at = NEW.issued_at - interval '1 day';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pay_before_the_issue BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.pay_before_the_issue();
