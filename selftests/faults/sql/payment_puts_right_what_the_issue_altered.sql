-- Issuing an invoice alters what an earlier one billed, and paying it puts that right again.
-- stands for: frappe/books/issues/129, entries that went with a payment
-- checks: S4.4
-- says: event audit-*, which is no seed, was written to
-- tenant: billed_before
-- over: http
CREATE FUNCTION app.payment_puts_right_what_the_issue_altered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status THEN
        UPDATE app.value_events
        SET amount = amount + CASE NEW.status WHEN 'ISSUED' THEN 0.01 ELSE -0.01 END
        WHERE tenant_id = NEW.tenant_id AND invoice_id <> NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payment_puts_right_what_the_issue_altered AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.payment_puts_right_what_the_issue_altered();
