-- Every event that is written is stored twice.
-- stands for: hmislk/hmis/pull/23833, a double submit
-- checks: S3.3
-- says: 3 rows not as before
-- tenant: empty
CREATE FUNCTION app.plant_seeds_twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        NEW.id = gen_random_uuid();
        NEW.idempotency_key = NEW.idempotency_key || '-again';
        INSERT INTO app.value_events SELECT NEW.*;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER plant_seeds_twice AFTER INSERT ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.plant_seeds_twice();
