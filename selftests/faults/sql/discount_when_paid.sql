-- An invoice that is paid becomes a cent cheaper.
-- stands for: the rule that nothing but its status moves when an invoice is paid
-- checks: S4.3, S4.4
-- says: gain share 616.43, not 616.44
-- explained: taking a minor unit from the total alone
-- tenant: empty
CREATE FUNCTION app.discount_when_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        NEW.gain_share_amount = NEW.gain_share_amount - 0.01;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER discount_when_paid BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.discount_when_paid();
