-- Deleting a draft changes the amount of a finding of another month by a cent.
-- stands for: killbill/killbill/issues/139, a spurious credit
-- checks: S2.3
-- says: ledger.findings * is changed
CREATE FUNCTION ledger.change_a_finding_at_delete() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    IF OLD.state = 'draft' AND NEW.state = 'void' THEN
        UPDATE ledger.findings SET amount_cents = amount_cents - 1
        WHERE account_id = NEW.account_id AND happened_at < NEW.month;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER change_a_finding_at_delete AFTER UPDATE ON ledger.invoices
FOR EACH ROW EXECUTE FUNCTION ledger.change_a_finding_at_delete();
