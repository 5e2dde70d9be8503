-- One finding is claimed by no item of the draft, although the total has its fee.
-- stands for: killbill/killbill/issues/2249, one item in one place, two in the other
-- checks: S2.2
-- says: missing line
-- explained: leaving out
CREATE FUNCTION ledger.lose_an_item() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    IF NEW.recovered_cents = 87525 THEN
        DELETE FROM ledger.invoice_items WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lose_an_item AFTER INSERT ON ledger.invoice_items
FOR EACH ROW EXECUTE FUNCTION ledger.lose_an_item();
