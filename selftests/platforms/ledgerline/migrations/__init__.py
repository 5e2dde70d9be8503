"""How the schema ``ledger`` came to be."""
