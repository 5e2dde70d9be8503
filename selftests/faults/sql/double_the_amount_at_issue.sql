-- Finishing an invoice adds its amount a second time.
-- stands for: getlago/lago-api/pull/5523, double finalisation doubled taxes
-- checks: S4.2
-- says: gain share 1232.88, not 616.44
-- explained: telling the total twice
-- tenant: empty
CREATE FUNCTION app.double_the_amount_at_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        NEW.gain_share_amount = 2 * NEW.gain_share_amount;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER double_the_amount_at_issue BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.double_the_amount_at_issue();
