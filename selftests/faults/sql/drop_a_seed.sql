-- An event is dropped on its way into the table, without a word.
-- stands for: getlago/lago-api/pull/1988, what a queue lost or repeated
-- checks: S3.1
-- says: 2 seeds read back
-- tenant: empty
CREATE FUNCTION app.drop_a_seed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN NEW.finding_type = 'ADDRESS_CORRECTION' THEN NULL ELSE NEW END;
END $$;
CREATE TRIGGER drop_a_seed BEFORE INSERT ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.drop_a_seed();
