-- Terms are there, and their rate is not.
-- stands for: a contract that was signed before its rate was agreed on
-- checks: S1.5, S1.4
-- says: terms at no rate
ALTER TABLE app.gain_share_terms ALTER COLUMN rate DROP NOT NULL;
UPDATE app.gain_share_terms SET rate = NULL WHERE finding_type IS NULL;
