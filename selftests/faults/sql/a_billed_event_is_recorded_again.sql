-- An event that was billed in January was recorded again, under its key, in February.
-- stands for: getlago/lago-api/pull/1988, work that was done and is queued again
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
FROM app.value_events WHERE invoice_id IS NOT NULL;
