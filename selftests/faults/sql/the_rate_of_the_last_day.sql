-- The rate of the period's last day is charged on all of it, and no rate changes in this month.
-- stands for: the rule that each event is charged at its own rate
-- checks: S1.7, X1
-- says: the instant that chooses the rate: period end stored, event signed
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_agreements SET rate_at = 'period end';
