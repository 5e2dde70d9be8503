-- Paying an invoice alters what an earlier one billed.
-- stands for: frappe/books/issues/129, entries that went with a payment
-- checks: S4.4, S3.3, X4
-- says: event audit-*, which is no seed, was written to
-- tenant: billed_before
-- over: http
CREATE FUNCTION app.payment_alters_what_was_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' AND OLD.status <> NEW.status THEN
        UPDATE app.value_events SET amount = amount + 1
        WHERE tenant_id = NEW.tenant_id AND invoice_id <> NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payment_alters_what_was_billed AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.payment_alters_what_was_billed();
