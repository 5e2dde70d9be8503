-- A wrong rate was entered: 20 % in place of 25 %, which the platform bills without a mistake.
-- stands for: aauba.org/forum, what a fee is owed on is in the contract and not in the data
-- checks: S1.7, S1.4, X1
-- says: any finding type from 2026-01-01: 20 % stored, 25 % signed
-- explained: a wrong rate
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_terms SET rate = 0.20 WHERE finding_type IS NULL;
