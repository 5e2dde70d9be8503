-- What was taken back in February is more than what was recovered.
-- stands for: Dolibarr/dolibarr/issues/4001, a total of zero or below is no invoice
-- checks: S1.5
-- says: nothing says that negative totals are no mistake
UPDATE app.value_events SET amount = -abs(amount);
