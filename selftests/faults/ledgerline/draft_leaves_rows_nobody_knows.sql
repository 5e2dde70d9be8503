-- Every draft leaves a row in a table that nobody told of.
-- stands for: dust-tt/dust/pull/28358, rows that no cleaning knows
-- checks: S2.3
-- says: ledger.draft_cache
CREATE TABLE ledger.draft_cache (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id bigint NOT NULL,
    total_cents bigint NOT NULL
);
CREATE FUNCTION ledger.draft_leaves_rows_nobody_knows() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    INSERT INTO ledger.draft_cache (invoice_id, total_cents) VALUES (NEW.id, NEW.total_cents);
    RETURN NULL;
END $$;
CREATE TRIGGER draft_leaves_rows_nobody_knows AFTER INSERT ON ledger.invoices
FOR EACH ROW EXECUTE FUNCTION ledger.draft_leaves_rows_nobody_knows();
