-- An invoice is sent under the number of the one before.
-- stands for: Paymenter/Paymenter/pull/1244, duplicate invoice numbers by read-increment-write
-- checks: S4.4
-- says: is the number of another invoice
-- tenant: billed_before
ALTER TABLE ledger.invoices DROP CONSTRAINT invoices_number_key;
CREATE FUNCTION ledger.give_a_number_again() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    IF OLD.state = 'draft' AND NEW.state = 'sent' THEN
        NEW.number = 'LL-2026-000001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER give_a_number_again BEFORE UPDATE ON ledger.invoices
FOR EACH ROW EXECUTE FUNCTION ledger.give_a_number_again();
