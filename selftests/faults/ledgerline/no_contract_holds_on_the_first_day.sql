-- The contract of the month begins on its second day.
-- stands for: the rule: the contract of the month's first day
-- checks: S1.5
-- says: terms
UPDATE ledger.contracts SET starts = '2026-02-02' WHERE starts = '2026-02-01';
