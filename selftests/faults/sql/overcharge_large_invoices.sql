-- An invoice of more than a million is a cent too high.
-- stands for: a tolerance of a cent, and sums in numbers that hold no cents any more
-- checks: M.1
-- says: draft: gain share 11111111111048.66, not 11111111111048.65
-- explained: adding a minor unit to the total alone
CREATE FUNCTION app.overcharge_large_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.gain_share_amount > 1000000 THEN
        NEW.gain_share_amount = NEW.gain_share_amount + 0.01;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER overcharge_large_invoices BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.overcharge_large_invoices();
