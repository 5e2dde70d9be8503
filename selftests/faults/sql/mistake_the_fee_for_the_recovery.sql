-- The draft says that no more was recovered than is billed.
-- stands for: Nine-Minds/alga-psa/issues/724, one amount taken for another
-- checks: S2.2
-- says: recovered amount 649.35, not 2420.26
-- explained: telling the fee in the place of what was recovered
CREATE FUNCTION app.mistake_the_fee_for_the_recovery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.recovered_amount = NEW.gain_share_amount;
    RETURN NEW;
END $$;
CREATE TRIGGER mistake_the_fee_for_the_recovery BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.mistake_the_fee_for_the_recovery();
