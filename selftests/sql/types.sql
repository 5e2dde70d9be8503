-- What ordinary databases make of the reference platform's tables: other types, keys, partitions.

-- name: no_prices
DROP VIEW app.priced_events;

-- name: json_and_others
-- Types that have no hash, or no equality, on every table that is judged.
ALTER TABLE app.tenants ADD COLUMN settings json DEFAULT '{"a": 1}',
    ADD COLUMN spot point DEFAULT '(1,2)';
ALTER TABLE app.value_events ADD COLUMN payload json DEFAULT '[1]',
    ADD COLUMN parts json[] DEFAULT '{}';
ALTER TABLE app.gain_share_terms ADD COLUMN note xml, ADD COLUMN least money DEFAULT 1;
ALTER TABLE app.billing_invoices ADD COLUMN sent json DEFAULT '{}',
    ADD COLUMN area polygon DEFAULT '((0,0),(1,1))';
ALTER TABLE app.billing_invoice_lines
    ADD COLUMN bits bit(3) DEFAULT '101',
    ADD COLUMN words tsvector DEFAULT 'a',
    ADD COLUMN pieces circle DEFAULT '<(0,0),1>';

-- name: hashed_types
-- Types that have a hash.
ALTER TABLE app.tenants
    ADD COLUMN settings jsonb DEFAULT '{"a": 1}', ADD COLUMN tags text[] DEFAULT '{a,b}',
    ADD COLUMN seen tstzrange DEFAULT '[2026-01-01,)',
    ADD COLUMN score double precision DEFAULT 0.1,
    ADD COLUMN pause interval DEFAULT '1 day',
    ADD COLUMN raw bytea DEFAULT '\x00',
    ADD COLUMN last_seen_at timestamptz;

-- name: status_is_an_enum
CREATE TYPE app.tenant_status AS ENUM ('active', 'suspended', 'closed');
ALTER TABLE app.tenants DROP CONSTRAINT tenants_status_is_known;
ALTER TABLE app.tenants ALTER COLUMN status TYPE app.tenant_status USING status::app.tenant_status;
CREATE TYPE app.invoice_status AS ENUM ('DRAFT', 'ISSUED', 'PAID');
ALTER TABLE app.billing_invoices
    DROP CONSTRAINT billing_invoices_status_is_known,
    DROP CONSTRAINT billing_invoices_status_matches_times;
ALTER TABLE app.billing_invoices ALTER COLUMN status TYPE app.invoice_status
    USING status::app.invoice_status;

-- name: status_is_a_domain
CREATE DOMAIN app.tenant_status AS text NOT NULL CHECK (VALUE IN ('active', 'suspended', 'closed'));
ALTER TABLE app.tenants ALTER COLUMN status TYPE app.tenant_status;

-- name: status_is_padded
ALTER TABLE app.tenants ALTER COLUMN status TYPE char(20);
ALTER TABLE app.tenants ALTER COLUMN slug TYPE char(60);
ALTER TABLE app.billing_invoices ALTER COLUMN status TYPE char(12);

-- name: words_of_any_case
CREATE EXTENSION citext;
ALTER TABLE app.tenants ALTER COLUMN slug TYPE citext, ALTER COLUMN status TYPE citext;
ALTER TABLE app.value_events ALTER COLUMN idempotency_key TYPE citext;
ALTER TABLE app.billing_invoices ALTER COLUMN invoice_number TYPE citext;

-- name: names_are_missing
ALTER TABLE app.tenants ALTER COLUMN name DROP NOT NULL, ALTER COLUMN slug DROP NOT NULL;
UPDATE app.tenants SET name = NULL, slug = NULL;

-- name: instants_in_milliseconds
ALTER TABLE app.billing_invoices
    ALTER COLUMN created_at TYPE timestamptz(3), ALTER COLUMN issued_at TYPE timestamptz(3),
    ALTER COLUMN paid_at TYPE timestamptz(3);
ALTER TABLE app.value_events ALTER COLUMN created_at TYPE timestamptz(3);

-- name: instants_without_a_zone
ALTER TABLE app.billing_invoices
    ALTER COLUMN created_at TYPE timestamp, ALTER COLUMN issued_at TYPE timestamp,
    ALTER COLUMN paid_at TYPE timestamp;
ALTER TABLE app.value_events ALTER COLUMN created_at TYPE timestamp;

-- name: created_by_a_trigger
CREATE FUNCTION app.created_now() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.created_at = clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER created_now BEFORE INSERT ON app.value_events
    FOR EACH ROW EXECUTE FUNCTION app.created_now();

-- name: totals_of_two_digits
ALTER TABLE app.billing_invoices
    ALTER COLUMN recovered_amount TYPE numeric(12, 2),
    ALTER COLUMN gain_share_amount TYPE numeric(12, 2);
ALTER TABLE app.billing_invoice_lines
    ALTER COLUMN recovered_amount TYPE numeric(12, 2),
    ALTER COLUMN gain_share_amount TYPE numeric(12, 2),
    ALTER COLUMN rate TYPE numeric(5, 4);

-- name: new_columns_are_needed
ALTER TABLE app.tenants ADD COLUMN region text;
UPDATE app.tenants SET region = 'EU';
ALTER TABLE app.tenants ALTER COLUMN region SET NOT NULL, ADD CHECK (region IN ('EU', 'US'));
ALTER TABLE app.value_events ADD COLUMN carrier_id integer NOT NULL DEFAULT 1;
ALTER TABLE app.value_events ALTER COLUMN carrier_id DROP DEFAULT;
ALTER TABLE app.billing_invoices ADD COLUMN layout uuid NOT NULL DEFAULT gen_random_uuid();

-- name: sources_exist
CREATE TABLE app.findings (id uuid PRIMARY KEY);
INSERT INTO app.findings SELECT source_entity_id FROM app.value_events;
INSERT INTO app.findings VALUES ('9a9a9a9a-0000-4000-8000-00000000f00d');
ALTER TABLE app.value_events
    ADD FOREIGN KEY (source_entity_id) REFERENCES app.findings (id);

-- name: amounts_are_checked
ALTER TABLE app.value_events
    ADD CHECK (amount > 0 AND amount < 100000 AND currency = 'USD') NOT VALID;

-- name: double_amounts
ALTER TABLE app.value_events ALTER COLUMN amount TYPE double precision;

-- name: money_amounts
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;
ALTER TABLE app.value_events ALTER COLUMN amount TYPE money;

-- name: text_ids
ALTER TABLE app.value_events DROP CONSTRAINT value_events_tenant_id_fkey;
ALTER TABLE app.gain_share_terms DROP CONSTRAINT gain_share_terms_tenant_id_fkey;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_tenant_id_fkey;
ALTER TABLE app.gain_share_scales DROP CONSTRAINT gain_share_scales_tenant_id_fkey;
ALTER TABLE app.gain_share_agreements DROP CONSTRAINT gain_share_agreements_tenant_id_fkey;
ALTER TABLE app.tenants ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id TYPE text;

-- name: no_keys
ALTER TABLE app.billing_invoices DROP COLUMN idempotency_key;

-- name: no_lines
DROP TABLE app.billing_invoice_lines;

-- name: partitions_of_three_months
ALTER TABLE app.value_events RENAME TO all_events;
CREATE TABLE app.value_events (LIKE app.all_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (occurred_at);
CREATE TABLE app.value_events_2026_01 PARTITION OF app.value_events
    FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00');
CREATE TABLE app.value_events_2026_02 PARTITION OF app.value_events
    FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00');
CREATE TABLE app.value_events_2026_03 PARTITION OF app.value_events
    FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-04-01 00:00:00+00');
ALTER TABLE app.value_events
    ADD PRIMARY KEY (id, occurred_at), ADD FOREIGN KEY (tenant_id) REFERENCES app.tenants (id),
    ADD FOREIGN KEY (invoice_id) REFERENCES app.billing_invoices (id);
INSERT INTO app.value_events SELECT * FROM app.all_events;
DROP TABLE app.all_events;

-- name: partition_of_one_month
ALTER TABLE app.value_events RENAME TO all_events;
CREATE TABLE app.value_events (LIKE app.all_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (occurred_at);
CREATE TABLE app.value_events_2026_02 PARTITION OF app.value_events
    FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00');
ALTER TABLE app.value_events ADD PRIMARY KEY (id, occurred_at);
DROP TABLE app.all_events;

-- name: partitions_by_recording
ALTER TABLE app.value_events RENAME TO all_events;
CREATE TABLE app.value_events (LIKE app.all_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (created_at);
CREATE TABLE app.value_events_2026_02 PARTITION OF app.value_events
    FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00');
ALTER TABLE app.value_events ADD PRIMARY KEY (id, created_at);
DROP TABLE app.all_events;

-- name: partitions_a_tenant
ALTER TABLE app.value_events RENAME TO all_events;
CREATE TABLE app.value_events (LIKE app.all_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY LIST (tenant_id);
DO $$ BEGIN EXECUTE format(
    'CREATE TABLE app.value_events_acme PARTITION OF app.value_events FOR VALUES IN (%L)',
    (SELECT id FROM app.tenants LIMIT 1)
); END $$;
DROP TABLE app.all_events;

-- name: category_is_an_enum
CREATE TYPE app.category AS ENUM ('IDENTIFIED', 'RECOVERED');
DROP INDEX app.value_events_unbilled, app.value_events_to_price;
ALTER TABLE app.value_events ALTER COLUMN category TYPE app.category USING category::app.category;

-- name: rows_are_unique
ALTER TABLE app.value_events ADD UNIQUE (tenant_id, source_entity_id, finding_type);
ALTER TABLE app.billing_invoices ADD UNIQUE (invoice_number);
ALTER TABLE app.tenants ADD UNIQUE (name), ADD COLUMN external text UNIQUE;
UPDATE app.tenants SET external = 'one';
ALTER TABLE app.tenants ALTER COLUMN external SET NOT NULL;

-- name: months_are_closed
CREATE FUNCTION app.closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.occurred_at < '2026-02-01 00:00:00+00' THEN
        RAISE EXCEPTION 'that month is closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed BEFORE INSERT ON app.value_events FOR EACH ROW EXECUTE FUNCTION app.closed();

-- name: finding_types_exist
CREATE TABLE app.finding_types (name text PRIMARY KEY);
INSERT INTO app.finding_types
VALUES ('DUPLICATE_CHARGE'), ('ADDRESS_CORRECTION'), ('CLASSIFICATION_ERROR');
ALTER TABLE app.value_events ADD FOREIGN KEY (finding_type) REFERENCES app.finding_types (name);

-- name: sources_are_missing
CREATE TABLE app.findings (id uuid PRIMARY KEY);
DELETE FROM app.value_events;
ALTER TABLE app.value_events ADD FOREIGN KEY (source_entity_id) REFERENCES app.findings (id);

-- name: nobody_else_is_a_tenant
ALTER TABLE app.tenants ADD CHECK (name = 'Acme Freight');

-- name: plain_everything
ALTER TABLE app.value_events
    ALTER COLUMN amount TYPE numeric(12, 2), ALTER COLUMN currency TYPE char(3),
    ALTER COLUMN idempotency_key TYPE varchar(80), ALTER COLUMN finding_type TYPE varchar(40),
    ALTER COLUMN occurred_at TYPE timestamptz(3);
ALTER TABLE app.gain_share_terms ALTER COLUMN rate TYPE numeric(5, 4),
    ALTER COLUMN currency TYPE char(3);
ALTER TABLE app.billing_invoices
    ALTER COLUMN currency TYPE char(3), ALTER COLUMN invoice_number TYPE varchar(30),
    ALTER COLUMN recovered_amount TYPE numeric(12, 2),
    ALTER COLUMN gain_share_amount TYPE numeric(12, 2);
ALTER TABLE app.billing_invoice_lines
    ALTER COLUMN recovered_amount TYPE numeric(12, 2),
    ALTER COLUMN gain_share_amount TYPE numeric(12, 2),
    ALTER COLUMN rate TYPE numeric(5, 4);

-- name: occurred_without_a_zone
ALTER TABLE app.value_events ALTER COLUMN occurred_at TYPE timestamp;

-- name: database_of_any_bytes
CREATE DATABASE of_any_bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;

-- name: no_database_of_any_bytes
DROP DATABASE of_any_bytes WITH (FORCE);

-- name: a_latin_byte
-- A name as a program wrote it that spoke Latin-1.
INSERT INTO app.tenants (id, name, slug, status)
VALUES ('9a9a9a9a-0000-4000-8000-0000000000ac', E'Caf\xe9', 'cafe', 'active');

-- name: tenants_are_seen
-- Tenants tell when somebody was last there, and events what people noted.
ALTER TABLE app.tenants ADD COLUMN last_seen_at timestamptz;
ALTER TABLE app.value_events ADD COLUMN note text;

-- name: see_tenants
UPDATE app.tenants SET last_seen_at = clock_timestamp();

-- name: note_an_event
UPDATE app.value_events SET note = 'seen' WHERE occurred_at < '2026-02-01 00:00:00+00';

-- name: correct_an_event
UPDATE app.value_events SET amount = amount + 1 WHERE occurred_at < '2026-02-01 00:00:00+00';

-- name: correct_a_billable_event
UPDATE app.value_events SET amount = amount + 1 WHERE occurred_at >= '2026-02-01 00:00:00+00';

-- name: drafts_are_seen
-- A fault: the platform notes a draft on its tenant, and on the first one only.
CREATE FUNCTION app.seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE app.tenants
    SET last_seen_at = '2026-01-01'
    WHERE id = NEW.tenant_id AND last_seen_at IS NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER seen AFTER INSERT ON app.billing_invoices
    FOR EACH ROW EXECUTE FUNCTION app.seen();

-- name: removals_are_seen
-- A fault: the platform notes on a tenant that a draft of its was taken back.
CREATE FUNCTION app.seen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    UPDATE app.tenants SET last_seen_at = clock_timestamp() WHERE id = OLD.tenant_id;
    RETURN OLD;
END $$;
CREATE TRIGGER seen AFTER DELETE ON app.billing_invoices
    FOR EACH ROW EXECUTE FUNCTION app.seen();
