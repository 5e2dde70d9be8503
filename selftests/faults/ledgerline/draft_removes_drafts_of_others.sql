-- A draft removes the drafts of other accounts, with their items, as if they had never been.
-- stands for: LanternOps/breeze/pull/4412, a deletion that reaches too far
-- checks: S2.3
-- says: of ledger.invoices changed or deleted by the run
CREATE FUNCTION ledger.draft_removes_drafts_of_others() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    DELETE FROM ledger.invoice_items AS item USING ledger.invoices AS other
    WHERE other.id = item.invoice_id AND other.state = 'draft' AND other.account_id <> NEW.account_id;
    DELETE FROM ledger.invoices WHERE state = 'draft' AND account_id <> NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER draft_removes_drafts_of_others AFTER INSERT ON ledger.invoices
FOR EACH ROW EXECUTE FUNCTION ledger.draft_removes_drafts_of_others();
