-- Dollars are drafted as the same number of euros.
-- stands for: invopop/gobl/issues/187, currencies taken for one
-- checks: S2.2
-- says: currency EUR, not USD
-- explained: telling another currency
CREATE FUNCTION app.draft_in_another_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.currency = 'EUR';
    RETURN NEW;
END $$;
CREATE TRIGGER draft_in_another_currency BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_in_another_currency();
