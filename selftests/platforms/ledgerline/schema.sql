-- Where all of Ledgerline's tables are.
CREATE SCHEMA ledger;
