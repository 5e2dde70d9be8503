-- A draft draws from the sequence that numbers come from, and has none of them.
-- stands for: erp-mafia/accounted/issues/372, drafts that use up numbers
-- checks: S2.3
-- says: a final number is gone: the sequence ledger.numbers went from its beginning
CREATE SEQUENCE ledger.numbers;
CREATE FUNCTION ledger.draft_takes_a_number() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    PERFORM nextval('ledger.numbers');
    RETURN NULL;
END $$;
CREATE TRIGGER draft_takes_a_number AFTER INSERT ON ledger.invoices
FOR EACH ROW EXECUTE FUNCTION ledger.draft_takes_a_number();
