-- name: insert_event(tenant_id, key, amount, currency, finding_type, occurred_at)!
-- A billable event as the platform's own business makes it, or, by its key, as an operator seeds it.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
VALUES (
    :tenant_id, 'RECOVERED', :amount, :currency, 'SHIP_FINDING', gen_random_uuid(), :finding_type,
    'AUDIT', :key, true, :occurred_at
);

-- name: record_again(key, again)!
-- The very same finding once more, as a caller reports it who makes a new key for every attempt.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
SELECT
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, :again, billable, occurred_at
FROM app.value_events
WHERE idempotency_key = :key;

-- name: claim(key, invoice_id)!
-- What an invoice takes that is worked out again when it is issued.
UPDATE app.value_events SET billed_at = now(), invoice_id = :invoice_id WHERE idempotency_key = :key;

-- name: insert_invoice(tenant_id, number, status, period_start, period_end)!
INSERT INTO app.billing_invoices (
    tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
    recovered_amount, gain_share_amount, events_digest
)
VALUES (:tenant_id, :number, :status, 'USD', :period_start, :period_end, 1, 4, 1, 0);

-- name: set_invoices(tenant_id, status)!
UPDATE app.billing_invoices SET status = :status WHERE tenant_id = :tenant_id;

-- name: let_invoices_be_anything()#
-- Without what a platform of another house does not have either.
ALTER TABLE app.billing_invoices
    DROP CONSTRAINT billing_invoices_status_is_known,
    DROP CONSTRAINT billing_invoices_status_matches_times,
    DROP CONSTRAINT billing_invoices_never_overlap,
    ALTER status DROP NOT NULL,
    ALTER period_start DROP NOT NULL,
    ALTER period_end DROP NOT NULL;

-- name: events_at_no_instant()!
-- Beside those of the period, events that occurred never, or were recorded then.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at, created_at
)
SELECT
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, gen_random_uuid()::text, billable, made.occurred_at, made.created_at
FROM app.value_events AS one
CROSS JOIN LATERAL (
    VALUES
        ('infinity', one.occurred_at),
        ('-infinity', one.occurred_at),
        (one.occurred_at, 'infinity'),
        (one.occurred_at, '-infinity')
) AS made (occurred_at, created_at);

-- name: set_status(tenant_id, status)!
UPDATE app.tenants SET status = :status WHERE id = :tenant_id;

-- name: rename(tenant_id, name)!
UPDATE app.tenants SET name = :name WHERE id = :tenant_id;

-- name: end_terms(tenant_id, day)!
UPDATE app.gain_share_terms SET valid_to = :day WHERE tenant_id = :tenant_id;

-- name: hold_tenant(tenant_id)$
-- Makes whoever issues an invoice of the tenant wait until the transaction ends.
SELECT id FROM app.tenants WHERE id = :tenant_id FOR UPDATE;

-- name: create_operator(password)!
-- A role that the server's rules may ask for its password; the driver puts it in, the server cannot.
CREATE ROLE operator SUPERUSER LOGIN PASSWORD :password;

-- name: reload_rules()$
-- Announces that the rules of who may connect were changed.
SELECT pg_reload_conf();

-- name: hold_events()#
-- Makes whoever writes events wait, as the building of an index does.
LOCK TABLE app.value_events IN SHARE MODE;

-- name: waiting(application_name)$
-- How many sessions of that name, or of one that begins so, wait for a lock.
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
    AND starts_with(application_name, :application_name)
    AND wait_event_type = 'Lock';

-- name: gates_sessions()$
-- How many sessions of gates there are in this database.
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, 'p9a-gate ');

-- name: end_api_sessions()$
-- As when the database server is restarted: every connection of the admin API ends.
SELECT count(pg_terminate_backend(pid, 10000))
FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'billing-api';

-- name: end_gate_sessions()$
-- As when the database server is restarted: every connection of the gate ends.
SELECT count(pg_terminate_backend(pid, 10000))
FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'p9a-gate %%';

-- name: end_session(pid)$
-- As a timeout or an operator would end it. Tells in what state it was.
SELECT CASE WHEN pg_terminate_backend(pid, 10000) THEN state END
FROM pg_stat_activity
WHERE pid = :pid;

-- name: written()$
-- How far the server's log has come, with what is committed and not yet on disk.
SELECT pg_current_wal_insert_lsn()::text;

-- name: has_replayed(written)$
-- Whether a standby has come as far.
SELECT pg_last_wal_replay_lsn() >= :written::pg_lsn;

-- name: left_with_strangers()^
-- What a client of the same pool finds of others: locks, prepared statements, and settings but for the
-- name, which the pooler itself sets for each client.
SELECT
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks,
    (SELECT count(*) FROM pg_prepared_statements) AS statements,
    (
        SELECT coalesce(string_agg(name, ', ' ORDER BY name), '')
        FROM pg_settings
        WHERE source = 'session'
            AND setting IS DISTINCT FROM reset_val
            AND name <> 'application_name'
    ) AS settings;

-- name: settle_otherwise()#
-- Settings and a trigger that many databases have, and that change no bill: the strictest isolation,
-- sessions that may not idle, and a time of creation that nobody else writes.
DO $$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY[
        'default_transaction_isolation = serializable', 'default_transaction_deferrable = on',
        'idle_in_transaction_session_timeout = 1000', 'idle_session_timeout = 1000',
        'jit_above_cost = 0', 'synchronous_commit = on', 'quote_all_identifiers = on'
    ] LOOP
        EXECUTE format('ALTER DATABASE %I SET %s', current_database(), setting);
    END LOOP;
END $$;
CREATE FUNCTION app.created_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at = now();
    RETURN NEW;
END $$;
CREATE TRIGGER created_now BEFORE INSERT ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.created_now();

-- name: allow_connections(allowed)!
-- A database that nobody can connect to is as good as gone.
UPDATE pg_database SET datallowconn = :allowed WHERE datname = current_database();

-- name: session_settings()^
SELECT
    current_setting('application_name') AS application_name,
    current_setting('statement_timeout') AS statement_timeout,
    current_setting('lock_timeout') AS lock_timeout,
    current_setting('idle_in_transaction_session_timeout') AS idle_in_transaction_session_timeout,
    current_setting('timezone') AS timezone;

-- name: create_users()#
-- A login user in each role of sql/roles.sql, and one in none.
CREATE ROLE reader LOGIN IN ROLE p9a_reader;
CREATE ROLE gate LOGIN IN ROLE p9a_gate;
CREATE ROLE gate_in_process LOGIN IN ROLE p9a_gate_in_process;
CREATE ROLE stranger LOGIN;

-- name: grants(role)
-- What is granted to the role itself, as it stands between GRANT and TO.
SELECT concat(acl.privilege_type, ' ON SCHEMA ', space.oid::regnamespace) AS grant
FROM pg_namespace AS space, aclexplode(space.nspacl) AS acl
WHERE acl.grantee = :role::regrole
UNION ALL
SELECT concat(acl.privilege_type, ' ON ', relation.oid::regclass)
FROM pg_class AS relation, aclexplode(relation.relacl) AS acl
WHERE acl.grantee = :role::regrole
UNION ALL
SELECT concat(acl.privilege_type, ' (', attribute.attname, ') ON ', attribute.attrelid::regclass)
FROM pg_attribute AS attribute, aclexplode(attribute.attacl) AS acl
WHERE acl.grantee = :role::regrole
UNION ALL
SELECT member.roleid::regrole::text
FROM pg_auth_members AS member
WHERE member.member = :role::regrole
ORDER BY 1;

-- name: drop_schema()#
DROP SCHEMA app CASCADE;

-- name: all_rows()
-- Every row of every table of the application, as text: to see that nothing changed at all.
SELECT 'tenants' AS table_name, row_to_json(t)::text AS content FROM app.tenants AS t
UNION ALL
SELECT 'terms', row_to_json(g)::text FROM app.gain_share_terms AS g
UNION ALL
SELECT 'events', row_to_json(e)::text FROM app.value_events AS e
UNION ALL
SELECT 'invoices', row_to_json(i)::text FROM app.billing_invoices AS i
UNION ALL
SELECT 'lines', row_to_json(l)::text FROM app.billing_invoice_lines AS l
ORDER BY 1, 2;

-- name: shadow_the_catalog()#
-- A schema of somebody's own with the names of what every query leans on, and with wrong answers.
CREATE SCHEMA hostile;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
CREATE FUNCTION hostile.round(numeric, integer) RETURNS numeric LANGUAGE sql
AS 'SELECT 0::numeric';
CREATE FUNCTION hostile.scale(numeric) RETURNS integer LANGUAGE sql AS 'SELECT 0';
CREATE FUNCTION hostile.starts_with(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION hostile.to_regclass(text) RETURNS regclass LANGUAGE sql AS 'SELECT NULL::regclass';
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE sql
AS 'SELECT timestamptz ''epoch''';
CREATE FUNCTION hostile.set_config(text, text, boolean) RETURNS text LANGUAGE sql
AS 'SELECT 1 / 0 || ''''';
CREATE FUNCTION hostile.current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT ''hostile''';
CREATE TABLE hostile.tenants (id uuid);

-- name: allow_nan()#
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;

-- name: drop_invoices()#
DROP TABLE app.billing_invoice_lines, app.billing_invoices CASCADE;

-- name: overcharge_by_a_cent()#
-- Fault: what is stored, and so answered, is 0.01 more than the lines add up to.
CREATE FUNCTION app.overcharge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.gain_share_amount = NEW.gain_share_amount + 0.01;
    RETURN NEW;
END $$;
CREATE TRIGGER overcharge BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.overcharge();

-- name: lose_a_line()#
-- Fault: one finding type never becomes a line, and the total does not show it.
CREATE FUNCTION app.lose_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN NEW.finding_type = 'DUPLICATE_CHARGE' THEN NULL ELSE NEW END;
END $$;
CREATE TRIGGER lose_a_line BEFORE INSERT ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.lose_a_line();

-- name: leave_a_line()#
-- Fault: taking a draft back leaves one of its lines behind.
ALTER TABLE app.billing_invoice_lines DROP CONSTRAINT billing_invoice_lines_invoice_id_fkey;
CREATE FUNCTION app.leave_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN OLD.finding_type = 'DUPLICATE_CHARGE' THEN NULL ELSE OLD END;
END $$;
CREATE TRIGGER leave_a_line BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.leave_a_line();

-- name: leave_the_draft()#
-- Fault: taking a draft back says yes and does nothing.
CREATE FUNCTION app.leave_the_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
CREATE TRIGGER leave_the_draft BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.leave_the_draft();
CREATE TRIGGER leave_its_lines BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.leave_the_draft();

-- name: void_the_draft()#
-- No fault: a platform that keeps a cancelled draft on record, where it blocks no other. What is on
-- record can be deleted, as by whoever clears up after a dry run.
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_never_overlap;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_is_known;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_matches_times;
CREATE FUNCTION app.void_the_draft() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'DRAFT' THEN
        RETURN OLD;
    END IF;
    UPDATE app.billing_invoices SET status = 'VOID' WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER void_the_draft BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.void_the_draft();
CREATE FUNCTION app.keep_the_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM app.billing_invoices WHERE id = OLD.invoice_id AND status = 'DRAFT'
    ) THEN
        RETURN NULL;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_the_line BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.keep_the_line();

-- name: mark_events_billed()#
-- Fault: a draft marks the events as billed, and taking it back does not undo that.
ALTER TABLE app.value_events DROP CONSTRAINT value_events_billed_with_invoice;
CREATE FUNCTION app.mark_events_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events SET billed_at = now() WHERE tenant_id = NEW.tenant_id;
    RETURN NEW;
END $$;
CREATE TRIGGER mark_events_billed AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.mark_events_billed();

-- name: draft_twice()#
-- Fault: every draft is stored twice, the second under another period.
CREATE FUNCTION app.draft_twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.invoice_number LIKE 'DRAFT-%' THEN
        INSERT INTO app.billing_invoices (
            tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
            recovered_amount, gain_share_amount, events_digest
        )
        VALUES (
            NEW.tenant_id, 'TWIN', 'DRAFT', NEW.currency, NEW.period_end,
            NEW.period_end + interval '1 day', NEW.event_count, NEW.recovered_amount,
            NEW.gain_share_amount, 0
        );
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_twice AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_twice();

-- name: keep_a_seed()#
-- Fault: one seed cannot be removed.
CREATE FUNCTION app.keep_a_seed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN OLD.idempotency_key LIKE 'dryrun-%-002' THEN NULL ELSE OLD END;
END $$;
CREATE TRIGGER keep_a_seed BEFORE DELETE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.keep_a_seed();

-- name: refuse_seeds()#
-- Fault: the table takes no events from a dry run.
ALTER TABLE app.value_events
    ADD CONSTRAINT value_events_are_real CHECK (reason_code <> 'DRY_RUN');

-- name: round_down()#
-- Fault: fees are cut off instead of rounded half away from zero.
CREATE OR REPLACE VIEW app.priced_events AS
SELECT
    e.id, e.tenant_id, e.category, e.billable, e.billed_at, e.invoice_id, e.occurred_at,
    e.currency, e.finding_type, e.amount, g.rate, trunc(e.amount * g.rate, 2) AS fee
FROM app.value_events AS e
JOIN app.gain_share_terms AS g ON g.tenant_id = e.tenant_id;

-- name: write_while_previewing()#
-- Fault: looking at a price writes, with rights that whoever looks does not have.
CREATE FUNCTION app.leave_a_mark() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE app.tenants SET name = 'Looked at';
    RETURN true;
END $$;
CREATE OR REPLACE VIEW app.priced_events AS
SELECT
    e.id, e.tenant_id, e.category, e.billable, e.billed_at, e.invoice_id, e.occurred_at,
    e.currency, e.finding_type, e.amount, g.rate, round(e.amount * g.rate, 2) AS fee
FROM app.value_events AS e
JOIN app.gain_share_terms AS g ON g.tenant_id = e.tenant_id
WHERE app.leave_a_mark();

-- name: issue_without_claiming()#
-- Fault: an issued invoice claims no event.
CREATE FUNCTION app.never_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.billed_at = NULL;
    NEW.invoice_id = NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER never_claim BEFORE UPDATE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.never_claim();

-- name: raise_the_amount_at_issue()#
-- Fault: what is issued is 0.01 more than what was drafted.
CREATE FUNCTION app.raise_the_amount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'DRAFT' THEN
        NEW.gain_share_amount = NEW.gain_share_amount + 0.01;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER raise_the_amount BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.raise_the_amount();

-- name: never_pay()#
-- Fault: marking as paid says yes and does nothing.
CREATE FUNCTION app.never_pay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN NEW.status = 'PAID' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER never_pay BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.never_pay();

-- name: renumber_when_paid()#
-- Fault: the final number changes once the invoice is paid.
CREATE FUNCTION app.renumber() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PAID' THEN
        NEW.invoice_number = NEW.invoice_number || 'P';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER renumber BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.renumber();

-- name: lose_the_time_of_creation()#
-- Fault: the row forgets when it was made as soon as it is issued.
CREATE FUNCTION app.lose_creation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at = NEW.created_at + interval '1 hour';
    RETURN NEW;
END $$;
CREATE TRIGGER lose_creation BEFORE UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.lose_creation();

-- name: claim_an_event_more()#
-- Fault: issuing also claims an event that the draft was not made of, where nobody looks.
CREATE FUNCTION app.claim_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events
        SET billed_at = now(), invoice_id = NEW.id
        WHERE tenant_id = NEW.tenant_id AND invoice_id IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER claim_more AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.claim_more();

-- name: forget_the_reference_platform()#
-- The tables are there, and nothing says whose they are.
DROP TABLE app.schema_migrations;

-- name: build_a_foreign_platform()#
-- What another platform would have, as far as the gate looks before it knows whose database it is.
CREATE SCHEMA ledger;
CREATE TABLE ledger.accounts (id bigint PRIMARY KEY);

-- name: rename_a_column()#
-- A table that is no longer as its description says.
ALTER TABLE app.billing_invoice_lines RENAME COLUMN finding_type TO kind;

-- name: count_tenants_tried()#
-- A sequence counts the tenants that were ever written, those that were rolled back too.
CREATE SEQUENCE app.tenants_tried;
CREATE FUNCTION app.count_tried() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('app.tenants_tried');
    RETURN NEW;
END $$;
CREATE TRIGGER count_tried BEFORE INSERT ON app.tenants
    FOR EACH ROW EXECUTE FUNCTION app.count_tried();

-- name: tenants_tried()$
-- How many those are.
SELECT last_value FROM app.tenants_tried;

-- name: draft_one_at_a_time()#
-- A platform whose drafts wait for each other, as where one row counts them.
CREATE FUNCTION app.wait_for_other_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(9);
    RETURN NEW;
END $$;
CREATE TRIGGER wait_for_other_drafts BEFORE INSERT ON app.billing_invoices
    FOR EACH ROW EXECUTE FUNCTION app.wait_for_other_drafts();
