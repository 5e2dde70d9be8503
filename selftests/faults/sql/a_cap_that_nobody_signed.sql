-- A cap per invoice is stored that nobody signed: no invoice of the month reaches it.
-- stands for: the rule that what is stored is what was signed, and nothing more
-- checks: S1.7, X1
-- says: the cap per invoice: 2000.00 USD stored, nothing signed
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_agreements SET cap_per_invoice = 2000;
