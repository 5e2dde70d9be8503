-- The minimum was entered too low: the invoice of the month is above both.
-- stands for: the rule that an invoice amounts to what was signed at least
-- checks: S1.7, X1
-- says: the minimum per invoice: 50.00 USD stored, 500.00 USD signed
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_agreements SET minimum_per_invoice = 50;
