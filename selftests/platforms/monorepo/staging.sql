-- name: insert_customer(name, currency, share)$
INSERT INTO payback.customers (name, currency, share) VALUES (:name, :currency, :share)
RETURNING id;

-- name: delete_customer(customer_id)!
-- As the monorepo deletes them: the row stays.
UPDATE payback.customers SET deleted_at = payback.now_utc() WHERE id = :customer_id;

-- name: insert_recovery(customer_id, amount, state, key, happened_at)$
INSERT INTO payback.recoveries (
    customer_id, state, kind, amount, dedup_key, source_type, source_id, reason, happened_at
)
VALUES (
    :customer_id, :state, 'DUPLICATE_CHARGE', :amount, :key, 'SHIP_FINDING', 'shp_1', 'AUDIT',
    :happened_at::timestamptz AT TIME ZONE 'UTC'
)
RETURNING id;

-- name: change_share(customer_id, share)!
UPDATE payback.customers SET share = :share WHERE id = :customer_id;

-- name: counts(customer_id)^
-- What a customer has: a call that is refused leaves every number as it was.
SELECT
    (SELECT count(*) FROM payback.invoices WHERE customer_id = :customer_id) AS invoices,
    (
        SELECT count(*) FROM payback.claims JOIN payback.invoices ON invoices.id = claims.invoice_id
        WHERE invoices.customer_id = :customer_id
    ) AS claims,
    (
        SELECT count(*)
        FROM payback.request_keys JOIN payback.invoices ON invoices.id = request_keys.invoice_id
        WHERE invoices.customer_id = :customer_id
    ) AS keys;

-- name: hold_customer(customer_id)$
-- Whoever would open an invoice for the customer waits until this transaction ends.
SELECT id FROM payback.customers WHERE id = :customer_id FOR UPDATE;

-- name: overcharge()#
-- From now on every invoice is a cent dearer than it should be.
CREATE FUNCTION payback.a_cent_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.fee = NEW.fee + 0.01;
    RETURN NEW;
END $$;
CREATE TRIGGER a_cent_more BEFORE INSERT ON payback.invoices
FOR EACH ROW EXECUTE FUNCTION payback.a_cent_more();

-- name: stop_overcharging()#
DROP FUNCTION payback.a_cent_more CASCADE;
