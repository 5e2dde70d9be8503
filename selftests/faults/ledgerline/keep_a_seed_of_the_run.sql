-- The second seed of a run cannot be removed.
-- stands for: everruns/everruns/pull/3222, rows that cannot be deleted
-- checks: S3.1
-- says: is still there after it was deleted
-- tenant: empty
CREATE FUNCTION ledger.keep_a_seed_of_the_run() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    IF OLD.reference LIKE 'dryrun-%-002' THEN
        RETURN NULL;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_a_seed_of_the_run BEFORE DELETE ON ledger.findings
FOR EACH ROW EXECUTE FUNCTION ledger.keep_a_seed_of_the_run();
