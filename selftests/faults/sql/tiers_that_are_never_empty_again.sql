-- Tiers of each invoice are stored as tiers of the whole contract: the first invoice fills both alike.
-- stands for: the rule that tiers are empty again when it was signed
-- checks: S1.7, X1
-- says: what fills tiers: contract stored, invoice signed
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_scales SET filled_by = 'contract';
