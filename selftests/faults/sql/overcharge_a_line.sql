-- A line is a cent higher than the total has room for.
-- stands for: invoiceninja/invoiceninja/issues/4370, rounding of the document against its lines
-- checks: S2.2
-- says: the lines add up to 649.36
-- explained: a minor unit more on one line
CREATE FUNCTION app.overcharge_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.finding_type = 'CLASSIFICATION_ERROR' THEN
        NEW.gain_share_amount = NEW.gain_share_amount + 0.01;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER overcharge_a_line BEFORE INSERT ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.overcharge_a_line();
