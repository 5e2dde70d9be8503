-- A rate is NaN, and so is every fee.
-- stands for: a contract whose rate was empty when it was read in
-- checks: S1.5, S1.4
-- says: terms at NaN
ALTER TABLE app.gain_share_terms DROP CONSTRAINT gain_share_terms_rate_is_a_share;
UPDATE app.gain_share_terms SET rate = 'NaN' WHERE finding_type IS NULL;
