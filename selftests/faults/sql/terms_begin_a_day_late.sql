-- A term begins a day late: no event of the period shows it, and those of the first day never will.
-- stands for: the rule that terms hold from their first day on
-- checks: S1.7, X1
-- says: any finding type from 2026-01-01 until 2026-01-02: nothing stored, 25 % signed
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_terms SET valid_from = '2026-01-02' WHERE finding_type IS NULL;
