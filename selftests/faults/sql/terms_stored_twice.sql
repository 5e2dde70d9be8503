-- A tenant's terms are stored twice, and every event is billed twice.
-- stands for: getlago/lago-api/pull/5916, an event counted twice
-- checks: S1.4
-- says: event count 20, not 10
-- explained: billing everything twice
ALTER TABLE app.gain_share_terms DROP CONSTRAINT gain_share_terms_never_overlap;
INSERT INTO app.gain_share_terms (tenant_id, currency, rate, valid_from)
SELECT tenant_id, 'USD', rate, valid_from
FROM app.gain_share_terms WHERE finding_type IS NULL;
