-- One line stands there twice, in the place of another one.
-- stands for: matching that never consumes what it matched
-- checks: S2.2
-- says: missing line: DUPLICATE_CHARGE at 25 %
-- explained: telling a line in the place of another
ALTER TABLE app.billing_invoice_lines DROP CONSTRAINT billing_invoice_lines_are_aggregated;
CREATE FUNCTION app.repeat_a_line_for_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.finding_type = 'DUPLICATE_CHARGE' THEN
        SELECT * INTO NEW FROM app.billing_invoice_lines
        WHERE invoice_id = NEW.invoice_id AND finding_type = 'CLASSIFICATION_ERROR';
        NEW.id = gen_random_uuid();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER repeat_a_line_for_another BEFORE INSERT ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.repeat_a_line_for_another();
