-- The account is frozen, and is not to be billed.
-- stands for: saeloun/miru-web/pull/699, a list of states that forgot one
-- checks: S1.1
-- says: frozen
UPDATE ledger.accounts SET state = 'frozen';
