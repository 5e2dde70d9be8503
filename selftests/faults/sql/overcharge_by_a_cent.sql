-- What is stored, and so answered, is 0.01 more than the lines add up to.
-- stands for: invoiceninja/invoiceninja/issues/4370, rounding of the document against its lines
-- checks: S2.2
-- says: stored: the lines add up to 649.35, not to the total 649.36
-- explained: adding a minor unit to the total alone
CREATE FUNCTION app.overcharge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.gain_share_amount = NEW.gain_share_amount + 0.01;
    RETURN NEW;
END $$;
CREATE TRIGGER overcharge BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.overcharge();
