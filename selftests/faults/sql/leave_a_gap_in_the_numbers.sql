-- A final number is left out.
-- stands for: getlago/lago-api/pull/5523, a finalisation that advanced the number twice
-- checks: S4.4
-- says: INV-000003 does not follow INV-000001
-- tenant: billed_before
CREATE FUNCTION app.leave_a_gap_in_the_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        NEW.invoice_number = 'INV-000003';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leave_a_gap_in_the_numbers BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.leave_a_gap_in_the_numbers();
