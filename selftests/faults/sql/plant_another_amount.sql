-- An event is stored with another amount than it was written with.
-- stands for: getlago/lago-api/issues/643, amounts times 100
-- checks: S3.1
-- says: amount 120050
-- tenant: empty
CREATE FUNCTION app.plant_another_amount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.finding_type = 'DUPLICATE_CHARGE' THEN
        NEW.amount = NEW.amount * 100;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plant_another_amount BEFORE INSERT ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.plant_another_amount();
