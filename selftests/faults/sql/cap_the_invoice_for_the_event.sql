-- The cap per event is applied to the invoice as a whole.
-- stands for: getlago.com/docs, the most that a transaction is charged
-- checks: S1.4, X1, X3
-- says: gain share 500.00, not 925.10
-- explained: a cap of the event taken for one of the invoice
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_agreements SET cap_per_event = NULL, cap_per_invoice = cap_per_event;
