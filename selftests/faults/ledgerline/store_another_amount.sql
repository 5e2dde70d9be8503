-- What a dry run plants is stored with another amount.
-- stands for: a trigger that converts dollars for whoever forgot to
-- checks: S3.1
-- says: amount
-- tenant: empty
CREATE FUNCTION ledger.store_another_amount() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    IF NEW.reference LIKE 'dryrun-%' THEN
        NEW.amount_cents = NEW.amount_cents / 100;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER store_another_amount BEFORE INSERT ON ledger.findings
FOR EACH ROW EXECUTE FUNCTION ledger.store_another_amount();
