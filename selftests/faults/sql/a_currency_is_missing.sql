-- An event was recorded without its currency.
-- stands for: invopop/gobl/issues/187, a currency that is taken for granted
-- checks: S1.5, S1.4
-- says: 1 CLASSIFICATION_ERROR event without a currency
ALTER TABLE app.value_events ALTER COLUMN currency DROP NOT NULL;
UPDATE app.value_events SET currency = NULL WHERE amount = 390;
