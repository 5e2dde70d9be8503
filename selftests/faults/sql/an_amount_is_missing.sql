-- An event was recorded before anybody knew its amount: sums pass over it, counts do not.
-- stands for: killbill/killbill/issues/1438, usage that was dropped
-- checks: S1.5, S1.4
-- says: 1 CLASSIFICATION_ERROR event whose amount is not a finite number
ALTER TABLE app.value_events ALTER COLUMN amount DROP NOT NULL;
UPDATE app.value_events SET amount = NULL WHERE amount = 390;
