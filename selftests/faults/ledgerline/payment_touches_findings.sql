-- A payment rejects a finding of another month.
-- stands for: frappe/books/issues/129, entries that went with a payment
-- checks: S3.3
-- says: ledger.findings * is changed
-- tenant: billed_before
CREATE FUNCTION ledger.payment_touches_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    UPDATE ledger.findings SET state = 'rejected'
    WHERE account_id = (SELECT account_id FROM ledger.invoices WHERE id = NEW.invoice_id)
        AND happened_at < (SELECT month FROM ledger.invoices WHERE id = NEW.invoice_id);
    RETURN NULL;
END $$;
CREATE TRIGGER payment_touches_findings AFTER INSERT ON ledger.payments
FOR EACH ROW EXECUTE FUNCTION ledger.payment_touches_findings();
