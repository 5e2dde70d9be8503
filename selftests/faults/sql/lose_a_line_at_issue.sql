-- A line is lost when the invoice is issued.
-- stands for: killbill/killbill/issues/2249, the invoice has other items than its draft
-- checks: S4.2
-- says: missing line: CLASSIFICATION_ERROR
-- explained: leaving out a line
-- tenant: empty
CREATE FUNCTION app.lose_a_line_at_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        DELETE FROM app.billing_invoice_lines
        WHERE invoice_id = NEW.id AND finding_type = 'CLASSIFICATION_ERROR';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lose_a_line_at_issue AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.lose_a_line_at_issue();
