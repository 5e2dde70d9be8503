-- A paid invoice does not say when it was paid.
-- stands for: the rule that every step of an invoice's life has its date
-- checks: S4.3, S4.4
-- says: paid at None
-- tenant: empty
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_matches_times;
CREATE FUNCTION app.pay_without_a_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        NEW.paid_at = NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pay_without_a_date BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.pay_without_a_date();
