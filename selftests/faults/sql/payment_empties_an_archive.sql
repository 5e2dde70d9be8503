-- Paying an invoice empties a table of rows that are nobody's here; they go with its file.
-- stands for: the rule that what others have stays, where no row tells any more that it was there
-- checks: X4
-- says: of app.archive deleted as the table was emptied
-- tenant: billed_before
-- over: http
-- with: --platform=reference
CREATE TABLE app.archive (said text);
INSERT INTO app.archive VALUES ('one'), ('two');
SELECT pg_stat_force_next_flush();
CREATE FUNCTION app.payment_empties_an_archive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        TRUNCATE app.archive;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payment_empties_an_archive AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.payment_empties_an_archive();
