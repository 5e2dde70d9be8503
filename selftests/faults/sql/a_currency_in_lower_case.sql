-- An event is in usd: no currency of that name, and no terms for it.
-- stands for: invopop/gobl/issues/187, a currency that is taken for granted
-- checks: S1.5, S1.4
-- says: 1 CLASSIFICATION_ERROR event in usd: no currency of ISO 4217
UPDATE app.value_events SET currency = 'usd' WHERE amount = 390;
