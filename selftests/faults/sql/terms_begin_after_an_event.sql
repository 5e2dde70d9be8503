-- A term begins a day late, and an event of its first day is refused for want of terms.
-- stands for: the rule that terms hold from their first day on
-- checks: S1.7, S1.4, X1
-- says: any finding type from 2026-01-01 until 2026-02-11: nothing stored, 25 % signed
-- explained: the terms as they are stored
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_terms SET valid_from = '2026-02-11' WHERE finding_type IS NULL;
