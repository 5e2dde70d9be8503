-- An event was recorded twice under its key, and would be billed twice.
-- stands for: hmislk/hmis/pull/23833, a double submit
-- checks: S1.5, S1.4
-- says: 1 key of several events
ALTER TABLE app.value_events DROP CONSTRAINT value_events_idempotency_key_is_unique;
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
FROM app.value_events WHERE amount = 390;
