-- An amount is NaN, and so is whatever it is added to.
-- stands for: an import that divided by a weight of zero
-- checks: S1.5, S1.4
-- says: 1 CLASSIFICATION_ERROR event whose amount is not a finite number
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;
UPDATE app.value_events SET amount = 'NaN' WHERE amount = 390;
