-- A rate is below zero: the customer is paid for what was recovered.
-- stands for: getlago/lago-api/pull/4273, totals below zero
-- checks: S1.5, S1.4
-- says: terms at -25 %, which is no share from 0 % to 100 %
ALTER TABLE app.gain_share_terms DROP CONSTRAINT gain_share_terms_rate_is_a_share;
UPDATE app.gain_share_terms SET rate = -rate WHERE finding_type IS NULL;
