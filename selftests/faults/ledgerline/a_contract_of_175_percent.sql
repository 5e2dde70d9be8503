-- A contract was typed without its point: it takes 175 percent.
-- stands for: Nine-Minds/alga-psa/issues/724, a factor too many
-- checks: S1.5
-- says: 175
ALTER TABLE ledger.contracts DROP CONSTRAINT contracts_rate_is_a_share;
UPDATE ledger.contracts SET rate_percent = rate_percent * 10 WHERE rate_percent = 17.5;
