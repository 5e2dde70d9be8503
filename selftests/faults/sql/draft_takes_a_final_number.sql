-- A draft draws from the sequence of final numbers, which no rollback takes back.
-- stands for: frappe/erpnext/issues/8765, drafts that are deleted again use up numbers
-- checks: S2.3
-- says: a final number is gone: the sequence app.final_numbers went from
CREATE SEQUENCE app.final_numbers;
GRANT SELECT, USAGE ON SEQUENCE app.final_numbers TO PUBLIC;
CREATE FUNCTION app.draft_takes_a_final_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('app.final_numbers');
    RETURN NULL;
END $$;
CREATE TRIGGER draft_takes_a_final_number AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_takes_a_final_number();
