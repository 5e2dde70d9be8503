-- A rate rises a day late: the events of the day from which the new one was signed have the old one.
-- stands for: the rule that terms hold from their first day on
-- checks: S1.7, S1.4, X1
-- says: any finding type from 2026-02-10 until 2026-02-11: 20 % stored, 25 % signed
-- explained: the terms as they are stored
-- tenant: signed
-- with: --contract=selftests/faults/contracts/rising.toml
UPDATE app.gain_share_terms SET valid_from = '2026-02-11' WHERE finding_type IS NULL;
INSERT INTO app.gain_share_terms (tenant_id, finding_type, currency, rate, valid_from, valid_to)
SELECT tenant_id, finding_type, currency, 0.20, '2026-01-01', '2026-02-11'
FROM app.gain_share_terms
WHERE finding_type IS NULL;
