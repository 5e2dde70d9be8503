-- The terms end on the last day of the month, as if that day were the first without them.
-- stands for: killbill/killbill/issues/1438, usage on the last day dropped
-- checks: S1.5, S1.4
-- says: 1 CLASSIFICATION_ERROR event in USD without terms on the date
UPDATE app.gain_share_terms SET valid_to = '2026-02-28' WHERE finding_type IS NULL;
