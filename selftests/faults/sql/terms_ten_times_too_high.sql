-- A rate was typed with its point one place off: 250 % of what was recovered is billed.
-- stands for: Nine-Minds/alga-psa/issues/724, amounts a power of ten too high
-- checks: S1.5, S1.4
-- says: terms at 250 %, which is no share from 0 % to 100 %
ALTER TABLE app.gain_share_terms DROP CONSTRAINT gain_share_terms_rate_is_a_share;
UPDATE app.gain_share_terms SET rate = 2.5 WHERE finding_type IS NULL;
