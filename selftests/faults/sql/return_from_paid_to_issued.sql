-- A paid invoice is soon no longer paid.
-- stands for: own-pay/OwnPay/issues/184, a paid invoice could return to sent
-- checks: S4.4
-- says: the rows do not go from DRAFT to ISSUED to PAID
-- tenant: empty
-- over: http
CREATE FUNCTION app.return_from_paid_to_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        UPDATE app.billing_invoices SET status = 'ISSUED', paid_at = NULL WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER return_from_paid_to_issued AFTER UPDATE ON app.billing_invoices
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION app.return_from_paid_to_issued();
