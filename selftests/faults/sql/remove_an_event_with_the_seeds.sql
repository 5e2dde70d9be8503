-- Where a planted event is removed, a real one of its finding type goes too.
-- stands for: the rule that seeds are removed, and only they
-- checks: S3.3
-- says: 1 row not as before
-- tenant: empty
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    id, 'RECOVERED', 50, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE', 'AUDIT',
    'audit-1', true, '2026-01-10T12:00Z'
FROM app.tenants;
CREATE FUNCTION app.remove_an_event_with_the_seeds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM app.value_events
    WHERE tenant_id = OLD.tenant_id
        AND finding_type = OLD.finding_type
        AND idempotency_key NOT LIKE 'dryrun-%';
    RETURN NULL;
END $$;
CREATE TRIGGER remove_an_event_with_the_seeds AFTER DELETE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.remove_an_event_with_the_seeds();
