-- A third tier is stored, and nothing of the month falls into it.
-- stands for: the rule that tiers are charged as they were signed
-- checks: S1.7, X1
-- says: tier above 5000.00: 10 % stored, 20 % signed
-- tenant: signed
-- with: --contract=selftests/faults/contracts/signed.toml
UPDATE app.gain_share_tiers SET up_to = 5000 WHERE up_to = 'Infinity';
INSERT INTO app.gain_share_tiers (scale_id, above, rate)
SELECT scale.id, 5000, 0.10 FROM app.gain_share_scales AS scale;
