-- A line is lost, and the draft's total does not show it.
-- stands for: killbill/killbill/issues/2249, the preview shows other items than the invoice
-- checks: S2.2
-- says: missing line: ADDRESS_CORRECTION at 25 %
-- explained: leaving out a line
CREATE FUNCTION app.lose_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.finding_type = 'ADDRESS_CORRECTION' AND NEW.rate = 0.25 THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lose_a_line BEFORE INSERT ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.lose_a_line();
