-- Sending an invoice marks the one before it as overdue.
-- stands for: frappe/erpnext/issues/32450, an entry that changes another
-- checks: S3.3
-- says: ledger.invoices * is changed
-- tenant: billed_before
CREATE FUNCTION ledger.send_touches_another_invoice() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    IF OLD.state = 'draft' AND NEW.state = 'sent' THEN
        UPDATE ledger.invoices SET state = 'overdue'
        WHERE account_id = NEW.account_id AND state = 'sent' AND id <> NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER send_touches_another_invoice AFTER UPDATE ON ledger.invoices
FOR EACH ROW EXECUTE FUNCTION ledger.send_touches_another_invoice();
