-- name: a_ledger
-- An entry at the issue, which names nothing of what it is for.
CREATE TABLE app.ledger_entries (id bigint GENERATED ALWAYS AS IDENTITY, amount numeric, said text);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.status = 'ISSUED' THEN
        INSERT INTO app.ledger_entries (amount) VALUES (NEW.gain_share_amount);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: payments
-- A payment that names its invoice, in a table of partitions, without a key to it.
CREATE TABLE app.payments (paid_on date, invoice uuid, amount numeric) PARTITION BY RANGE (paid_on);
CREATE TABLE app.payments_of_all_days PARTITION OF app.payments DEFAULT;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.status = 'PAID' THEN
        INSERT INTO app.payments VALUES (now(), NEW.id, NEW.gain_share_amount);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: an_outbox
-- Messages in JSON, from the cancelling alone.
CREATE SCHEMA mail;
CREATE TABLE mail."Out % :x" (id uuid DEFAULT gen_random_uuid(), body json);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO mail."Out % :x" (body)
        VALUES (json_build_object('about', json_build_array(replace(OLD.id::text, '-', ''))));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_log_that_forgives_itself
-- What is written in a savepoint is of another transaction, and it names nothing.
CREATE TABLE app.log (at timestamptz);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.log VALUES (clock_timestamp());
    RETURN NULL;
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_rule_that_copies
-- A copy beside every invoice, by a rule instead of a trigger; the default of its id is taken anew.
CREATE TABLE app.copies (id uuid, tenant_id uuid);
CREATE RULE copy AS ON INSERT TO app.billing_invoices
DO ALSO INSERT INTO app.copies VALUES (NEW.id, NEW.tenant_id);

-- name: lines_that_must_add_up
-- Checked when a transaction commits: an invoice is inserted before its lines.
CREATE FUNCTION app.add_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.gain_share_amount <> (
        SELECT coalesce(sum(gain_share_amount), 0)
        FROM app.billing_invoice_lines
        WHERE invoice_id = NEW.id
    ) AND EXISTS (SELECT FROM app.billing_invoices WHERE id = NEW.id) THEN
        RAISE 'the lines do not add up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER add_up AFTER INSERT ON app.billing_invoices
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.add_up();

-- name: invoices_that_no_commit_takes
CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'the ledger is closed';
END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON app.billing_invoices
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.refuse();

-- name: a_count_of_drafts
-- One row a tenant, which was there before.
CREATE TABLE app.statistics (tenant_id uuid PRIMARY KEY, drafts integer);
INSERT INTO app.statistics SELECT id, 7 FROM app.tenants;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE app.statistics SET drafts = drafts + 1 WHERE tenant_id = NEW.tenant_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_counter
CREATE TABLE app.counter (last integer);

-- name: a_count_that_begins_with_a_draft
-- One row a tenant, which its first draft makes.
CREATE TABLE app.statistics (tenant_id uuid PRIMARY KEY, drafts integer);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO app.statistics VALUES (NEW.tenant_id, 1)
        ON CONFLICT (tenant_id) DO UPDATE SET drafts = app.statistics.drafts + 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_log_without_names
-- Rows that only come, and say nothing of what they are about.
CREATE TABLE app.statistics (at timestamptz DEFAULT clock_timestamp(), what text);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.statistics (what) VALUES (TG_OP);
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: drafts_are_numbered
-- By a sequence of their own.
CREATE SEQUENCE app.final_numbers;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.invoice_number := 'P-' || to_char(nextval('app.final_numbers'), 'FM000000');
    RETURN NEW;
END $$;
CREATE TRIGGER note BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_note_that_is_deleted
-- The cancelling takes away what it did not make.
CREATE TABLE app.notes (said text);
INSERT INTO app.notes VALUES ('one'), ('two');
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM app.notes;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: another_tenants_event
-- A draft moves what another tenant is to be billed.
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE app.value_events SET amount = amount + 1 WHERE tenant_id <> NEW.tenant_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_number_from_a_sequence
-- A draft draws the number that its issue would have.
CREATE SEQUENCE app.final_numbers;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM nextval('app.final_numbers');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_table_that_is_emptied
-- Of rows that are not the run's, by every draft.
CREATE TABLE app.archive (said text);
INSERT INTO app.archive VALUES ('one'), ('two');
ANALYZE app.archive;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE app.archive;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: nothing_that_is_to_be_told
-- Rows that go again, a table that is emptied each time, ids that are counted, a lock on what is
-- there, a view that is made anew of everybody's rows, and one that was never made.
CREATE TABLE app.work (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, invoice_id uuid);
CREATE TABLE app.queue (invoice_id uuid);
CREATE MATERIALIZED VIEW app.open AS
SELECT tenant_id, count(*) AS event_count FROM app.value_events GROUP BY tenant_id;
CREATE MATERIALIZED VIEW app.never_made AS SELECT 1 AS one WITH NO DATA;
CREATE TABLE app.notes (said text);
INSERT INTO app.notes VALUES ('one');
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.work (invoice_id) VALUES (coalesce(NEW.id, OLD.id));
    DELETE FROM app.work;
    TRUNCATE app.queue;
    INSERT INTO app.queue VALUES (coalesce(NEW.id, OLD.id));
    DELETE FROM app.queue;
    REFRESH MATERIALIZED VIEW app.open;
    PERFORM FROM app.notes FOR UPDATE;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: other_peoples_tables
CREATE TABLE app.visits (tenant_id uuid, at timestamptz DEFAULT clock_timestamp());
CREATE TABLE app.secrets (tenant_id uuid);
CREATE SEQUENCE app.tickets;
CREATE SEQUENCE app.blocks CACHE 50;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE app.far_away (tenant_id uuid) SERVER elsewhere;
CREATE TABLE app.months (month date, said text) PARTITION BY RANGE (month);
CREATE FOREIGN TABLE app.months_past PARTITION OF app.months
FOR VALUES FROM (MINVALUE) TO ('2020-01-01') SERVER elsewhere;
CREATE TABLE app.months_now PARTITION OF app.months DEFAULT;
GRANT SELECT ON app.visits, app.far_away, app.months, app.months_now TO PUBLIC;
GRANT SELECT ON SEQUENCE app.blocks TO PUBLIC;

-- name: a_part_of_it_lies_elsewhere
-- A row a draft, in a table of which old rows are kept where nobody can look now.
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
CREATE TABLE app.months (month date, invoice_id uuid) PARTITION BY RANGE (month);
CREATE FOREIGN TABLE app.months_past PARTITION OF app.months
FOR VALUES FROM (MINVALUE) TO ('2020-01-01') SERVER elsewhere;
CREATE TABLE app.months_now PARTITION OF app.months DEFAULT;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.months VALUES (NEW.period_start, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_queue_of_an_extension
-- A message about each draft, and a row that names nothing, as of an extension's own bookkeeping.
CREATE TABLE app.messages (said text);
CREATE TABLE app.bookkeeping (said text);
ALTER EXTENSION btree_gist ADD TABLE app.messages;
ALTER EXTENSION btree_gist ADD TABLE app.bookkeeping;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.messages VALUES (concat('send ', NEW.id));
    INSERT INTO app.bookkeeping VALUES ('one more');
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_large_object
-- A picture of each draft, which no table holds.
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lo_from_bytea(0, 'a picture');
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_view_that_is_not_made_anew
-- It is made when an invoice is, and goes on showing one that is gone.
CREATE MATERIALIZED VIEW app.listed AS SELECT id, tenant_id FROM app.billing_invoices;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    REFRESH MATERIALIZED VIEW app.listed;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: numbers_are_drawn_ahead
CREATE SEQUENCE app.final_numbers CACHE 50;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('app.final_numbers');
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_sequence_a_month
-- The first draft of a month makes the sequence that it draws from, which nobody else may read.
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CREATE SEQUENCE IF NOT EXISTS app.of_february;
    PERFORM nextval('app.of_february');
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_log_that_nobody_may_read
-- Every row of one table is hidden from others than its owner, the other may not be read at all.
CREATE TABLE app.hidden (invoice_id uuid);
ALTER TABLE app.hidden ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON app.hidden TO PUBLIC;
CREATE TABLE app.secrets (invoice_id uuid) PARTITION BY HASH (invoice_id);
CREATE TABLE app.secrets_of_all PARTITION OF app.secrets FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE app.drawers (invoice_id uuid);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO app.hidden VALUES (NEW.id);
        INSERT INTO app.secrets VALUES (NEW.id), (gen_random_uuid());
        INSERT INTO app.drawers VALUES (NEW.id);
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM app.drawers WHERE invoice_id = OLD.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: a_rule_that_keeps_events
CREATE RULE keep AS ON DELETE TO app.value_events DO INSTEAD NOTHING;

-- name: a_trigger_that_brings_events_back
-- When a transaction commits, not before.
CREATE FUNCTION app.bring_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.value_events SELECT OLD.*;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER bring_back AFTER DELETE ON app.value_events
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.bring_back();

-- name: visit
INSERT INTO app.visits (tenant_id) VALUES (:tenant_id);

-- name: draw
SELECT nextval('app.tickets');

-- name: a_claim_of_another_tenants_event
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events SET billed_at = NEW.issued_at, invoice_id = NEW.id
        WHERE tenant_id <> NEW.tenant_id OR occurred_at < NEW.period_start;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: what_no_guest_may_put_back
CREATE FUNCTION app.forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'no guest may do so';
END $$;
CREATE TRIGGER forbid BEFORE UPDATE ON app.value_events
FOR EACH ROW WHEN (OLD.billed_at IS NOT NULL AND NEW.billed_at IS NULL)
EXECUTE FUNCTION app.forbid();

-- name: extras
-- What many platforms have beside their invoices: an audit log and an outbox of their own, and tables
-- and a sequence that are other people's.
CREATE TABLE app.audit_log (at timestamptz DEFAULT clock_timestamp(), said text, was jsonb);
CREATE TABLE app.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body json, sent boolean DEFAULT false
);
CREATE TABLE app.visits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id uuid REFERENCES app.tenants (id)
);
CREATE TABLE app.sessions (tenant_id uuid PRIMARY KEY, seen_at timestamptz);
CREATE SEQUENCE app.tickets;
GRANT SELECT ON ALL TABLES IN SCHEMA app TO PUBLIC;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA app TO PUBLIC;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO app.audit_log (said, was) VALUES (TG_OP, to_jsonb(OLD));
    INSERT INTO app.outbox (body) VALUES (json_build_object('invoice', coalesce(NEW.id, OLD.id)));
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: what_strangers_do
-- A visit and a session of every tenant, and a ticket.
INSERT INTO app.visits (tenant_id) SELECT id FROM app.tenants;
INSERT INTO app.sessions SELECT id, clock_timestamp() FROM app.tenants
ON CONFLICT (tenant_id) DO UPDATE SET seen_at = clock_timestamp();
SELECT nextval('app.tickets');

-- name: what_others_do
-- A visit and a session of every tenant, a ticket, and an event of another tenant than one.
INSERT INTO app.visits (tenant_id) SELECT id FROM app.tenants;
INSERT INTO app.sessions SELECT id, clock_timestamp() FROM app.tenants
ON CONFLICT (tenant_id) DO UPDATE SET seen_at = clock_timestamp();
SELECT nextval('app.tickets');
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    id, 'RECOVERED', 100, 'USD', 'SHIP_FINDING', gen_random_uuid(), 'DUPLICATE_CHARGE', 'AUDIT',
    concat('audit-', gen_random_uuid()), true, '2026-02-10T12:00Z'
FROM app.tenants
WHERE id <> :tenant_id;

-- name: four_hundred_tables
-- The last of them has a row of each draft.
DO $$
BEGIN
    FOR n IN 0..399 LOOP
        EXECUTE format('CREATE TABLE app.t%s (said text)', n);
    END LOOP;
END $$;
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.t399 VALUES (concat('of ', NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.note();

-- name: an_archive
-- More pages than one, and the statistics that say so.
CREATE TABLE app.statistics (said text);
CREATE TABLE app.archive AS
SELECT n, repeat('x', 500) AS said FROM generate_series(1, 1000) AS n;
ANALYZE app.archive;
