-- The tier that is reached has its rate charged on everything, and not on what lies in it alone.
-- stands for: getlago.com/docs, volume as against graduated charges
-- checks: S1.4, X1, X3
-- says: DUPLICATE_CHARGE at 20 %
-- explained: a tier read as volume
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
DELETE FROM app.gain_share_tiers WHERE up_to < 'Infinity';
UPDATE app.gain_share_tiers SET above = '-Infinity';
