-- What is issued leaves an entry in a ledger, and what is paid a payment; neither points to anything.
-- stands for: frappe/books/issues/129, test invoices were deleted, their ledger entries stayed
-- checks: X4
-- says: 1 row of app.ledger_entries written by the run
-- tenant: empty
-- over: http
-- with: --platform=reference
CREATE TABLE app.ledger_entries (id bigint GENERATED ALWAYS AS IDENTITY, amount numeric);
CREATE TABLE app.payments (id bigint GENERATED ALWAYS AS IDENTITY, received numeric);
GRANT SELECT ON app.ledger_entries, app.payments TO PUBLIC;
CREATE FUNCTION app.leave_ledger_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        INSERT INTO app.ledger_entries (amount) VALUES (NEW.gain_share_amount);
    ELSIF NEW.status = 'PAID' AND OLD.status = 'ISSUED' THEN
        INSERT INTO app.payments (received) VALUES (NEW.gain_share_amount);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER leave_ledger_entries AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.leave_ledger_entries();
