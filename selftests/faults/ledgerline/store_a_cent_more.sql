-- A draft is stored with a cent more than was answered.
-- stands for: getlago/lago-api/pull/821, off by a cent
-- checks: S2.2
-- says: stored: gain share
-- explained: adding a minor unit to the total alone
CREATE FUNCTION ledger.store_a_cent_more() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    UPDATE ledger.invoices SET total_cents = total_cents + 1 WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER store_a_cent_more AFTER INSERT ON ledger.invoices
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION ledger.store_a_cent_more();
