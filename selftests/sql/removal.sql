-- name: payments
-- A payment is booked beside each invoice that is paid, and keeps it.
CREATE TABLE app.payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES app.billing_invoices,
    amount numeric NOT NULL
);
CREATE FUNCTION app.book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.payments (invoice_id, amount) VALUES (NEW.id, NEW.gain_share_amount);
    RETURN NULL;
END $$;
CREATE TRIGGER book AFTER UPDATE ON app.billing_invoices
FOR EACH ROW WHEN (NEW.status = 'PAID') EXECUTE FUNCTION app.book();

-- name: let_the_gate_clear_payments
GRANT SELECT, DELETE ON app.payments TO gate;

-- name: payments_may_lose_their_invoice
ALTER TABLE app.payments
ALTER COLUMN invoice_id DROP NOT NULL,
DROP CONSTRAINT payments_invoice_id_fkey,
ADD FOREIGN KEY (invoice_id) REFERENCES app.billing_invoices ON DELETE SET NULL;

-- name: payments_are_restricted
ALTER TABLE app.payments
DROP CONSTRAINT payments_invoice_id_fkey,
ADD FOREIGN KEY (invoice_id) REFERENCES app.billing_invoices ON DELETE RESTRICT;

-- name: payments_are_checked_at_the_end
ALTER TABLE app.payments
DROP CONSTRAINT payments_invoice_id_fkey,
ADD FOREIGN KEY (invoice_id) REFERENCES app.billing_invoices DEFERRABLE INITIALLY DEFERRED;

-- name: payments_are_allotted
-- A table that points to payments by two columns, one of them to itself, in parts.
ALTER TABLE app.payments ADD UNIQUE (id, invoice_id);
CREATE TABLE app.allotments (
    id uuid DEFAULT gen_random_uuid(),
    payment_id bigint NOT NULL,
    invoice_id uuid NOT NULL,
    before_id uuid,
    PRIMARY KEY (id, payment_id),
    FOREIGN KEY (payment_id, invoice_id) REFERENCES app.payments (id, invoice_id) ON DELETE RESTRICT,
    FOREIGN KEY (before_id, payment_id) REFERENCES app.allotments
) PARTITION BY HASH (payment_id);
CREATE TABLE app.allotments_0 PARTITION OF app.allotments FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.allotments_1 PARTITION OF app.allotments FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE FUNCTION app.allot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE first uuid = gen_random_uuid();
BEGIN
    INSERT INTO app.allotments VALUES (first, NEW.id, NEW.invoice_id);
    INSERT INTO app.allotments VALUES (gen_random_uuid(), NEW.id, NEW.invoice_id, first);
    RETURN NULL;
END $$;
CREATE TRIGGER allot AFTER INSERT ON app.payments
FOR EACH ROW EXECUTE FUNCTION app.allot();
GRANT SELECT, DELETE ON app.allotments TO gate;

-- name: deliveries
-- A delivery is noted beside each draft, and keeps it: also the platform cannot cancel.
CREATE TABLE app.webhook_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES app.billing_invoices
);
CREATE FUNCTION app.deliver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.webhook_deliveries (invoice_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER deliver AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.deliver();

-- name: let_the_gate_clear_deliveries
GRANT SELECT, DELETE ON app.webhook_deliveries TO gate;

-- name: notes
-- A note is made beside each event, and keeps it.
CREATE TABLE app.notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL REFERENCES app.value_events
);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO app.notes (event_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: let_the_gate_clear_notes
GRANT SELECT, DELETE ON app.notes TO gate;

-- name: the_last_invoice
-- A row that was there before points to the newest invoice, which would take it along.
CREATE TABLE app.accounts (
    tenant_id uuid PRIMARY KEY REFERENCES app.tenants,
    last_invoice_id uuid REFERENCES app.billing_invoices ON DELETE CASCADE
);
INSERT INTO app.accounts (tenant_id) SELECT id FROM app.tenants;
CREATE FUNCTION app.remember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.accounts SET last_invoice_id = NEW.id WHERE tenant_id = NEW.tenant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER remember AFTER UPDATE ON app.billing_invoices
FOR EACH ROW WHEN (NEW.status = 'PAID') EXECUTE FUNCTION app.remember();
GRANT SELECT, DELETE ON app.accounts TO gate;

-- name: events_are_kept
CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded is kept';
END $$;
CREATE TRIGGER keep BEFORE DELETE ON app.value_events FOR EACH ROW EXECUTE FUNCTION app.keep();

-- name: invoices_are_kept
CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded is kept';
END $$;
CREATE TRIGGER keep BEFORE DELETE ON app.billing_invoices FOR EACH ROW EXECUTE FUNCTION app.keep();

-- name: paid_invoices_are_kept
CREATE FUNCTION app.keep_if_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'PAID' THEN
        RAISE EXCEPTION 'what was paid is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_if_paid BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.keep_if_paid();

-- name: lines_are_kept_by_a_rule
CREATE RULE keep AS ON DELETE TO app.billing_invoice_lines DO INSTEAD NOTHING;

-- name: invoices_are_hidden
ALTER TABLE app.billing_invoices ADD deleted_at timestamptz;
CREATE FUNCTION app.hide() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.billing_invoices SET deleted_at = now() WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER hide BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.hide();

-- name: events_are_hidden
-- What is deleted from the view stays in the table behind it.
ALTER TABLE app.value_events RENAME TO all_events;
ALTER TABLE app.all_events ADD deleted_at timestamptz;
CREATE VIEW app.value_events AS SELECT * FROM app.all_events WHERE deleted_at IS NULL;
CREATE FUNCTION app.hide_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE app.all_events SET deleted_at = now() WHERE id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER hide INSTEAD OF DELETE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.hide_event();

-- name: deletions_are_audited
-- Harmless: an audit of what is deleted, which asks for more than a made-up row has.
CREATE TABLE app.deleted_invoices (
    invoice_id uuid NOT NULL,
    number text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE FUNCTION app.audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO app.deleted_invoices VALUES (OLD.id, OLD.invoice_number, OLD.created_at);
    RETURN OLD;
END $$;
CREATE TRIGGER audit BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.audit();

-- name: issue_and_pay
-- Every draft is paid at once, and claims the events that it bills.
UPDATE app.billing_invoices SET status = 'ISSUED', issued_at = now() WHERE status = 'DRAFT';
UPDATE app.value_events AS event
SET billed_at = now(), invoice_id = invoice.id
FROM app.billing_invoices AS invoice
WHERE invoice.tenant_id = event.tenant_id AND event.billed_at IS NULL;
UPDATE app.billing_invoices SET status = 'PAID', paid_at = now() WHERE status = 'ISSUED';

-- name: point_accounts_to_an_invoice
UPDATE app.accounts SET last_invoice_id = (SELECT id FROM app.billing_invoices LIMIT 1);

-- name: everything
-- Every row of every table of the application, as text after its table's name.
CREATE OR REPLACE FUNCTION pg_temp.everything() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
    FOR name IN
        SELECT tablename FROM pg_tables
        WHERE schemaname = 'app'
            AND tablename NOT IN ('schema_migrations', 'currencies')
            AND tablename !~ '_[0-9]$'
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT concat(%L, '' '', told::text) FROM app.%I AS told', name, name
        );
    END LOOP;
END $$;
SELECT told FROM pg_temp.everything() AS told ORDER BY told;

-- name: written_so_far
SELECT pg_stat_force_next_flush();
SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint AS written
FROM pg_stat_user_tables
WHERE schemaname = 'app';

-- name: hashed_keys
-- The platform keeps a digest of each key.
CREATE FUNCTION app.hash_the_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.idempotency_key = md5(NEW.idempotency_key);
    RETURN NEW;
END $$;
CREATE TRIGGER hash_the_key BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.hash_the_key();
