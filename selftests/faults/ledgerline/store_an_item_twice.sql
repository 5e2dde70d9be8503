-- The largest item of a draft is stored twice; the total is right.
-- stands for: getlago/lago-api/pull/5916, one event billed twice
-- checks: S2.2
-- says: unexpected line
-- explained: telling a line twice
ALTER TABLE ledger.invoice_items DROP CONSTRAINT invoice_items_bill_once;
CREATE FUNCTION ledger.store_an_item_twice() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
    IF NEW.recovered_cents = 120060 AND pg_trigger_depth() = 1 THEN
        INSERT INTO ledger.invoice_items (invoice_id, finding_id, recovered_cents, fee_cents)
        VALUES (NEW.invoice_id, NEW.finding_id, NEW.recovered_cents, NEW.fee_cents);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER store_an_item_twice AFTER INSERT ON ledger.invoice_items
FOR EACH ROW EXECUTE FUNCTION ledger.store_an_item_twice();
