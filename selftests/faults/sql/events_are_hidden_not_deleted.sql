-- An event that is deleted stays, marked: no seed could be removed, so that none is planted.
-- stands for: PostHog/posthog/pull/49411, rows that are deleted softly
-- checks: S3.1
-- says: is still there after it was deleted
-- tenant: empty
-- over: http
ALTER TABLE app.value_events ADD deleted_at timestamptz;
CREATE FUNCTION app.hide() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE app.value_events SET deleted_at = now() WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER hide BEFORE DELETE ON app.value_events FOR EACH ROW EXECUTE FUNCTION app.hide();
