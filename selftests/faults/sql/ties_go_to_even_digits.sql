-- A tenant's fees are rounded half to even, and no fee of the month lies in the middle.
-- stands for: the rule that fees are rounded as it was signed
-- checks: S1.7, X1
-- says: rounding: half to even stored, half away from zero signed
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_agreements SET rounding_mode = 'half to even';
