-- Findings and invoices tell when they were changed last, whoever changes them.
CREATE FUNCTION ledger.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON ledger.findings
FOR EACH ROW EXECUTE FUNCTION ledger.touch();
CREATE TRIGGER touch BEFORE UPDATE ON ledger.invoices
FOR EACH ROW EXECUTE FUNCTION ledger.touch();
