-- What the monorepo keeps in PostgreSQL. Instants are UTC, in columns without a zone.

CREATE SCHEMA payback;

-- An id that sorts by time: a prefix, the milliseconds in ten digits, and sixteen by chance.
CREATE FUNCTION payback.new_id(prefix text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT prefix || '_' || string_agg(
        substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + digit::integer, 1), '' ORDER BY place
    )
    FROM (
        SELECT
            place,
            CASE
                WHEN place < 10 THEN (milliseconds >> (5 * (9 - place))) & 31
                ELSE floor(random() * 32)
            END AS digit
        FROM
            generate_series(0, 25) AS place,
            CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint) AS milliseconds
    ) AS digits
$$;

CREATE FUNCTION payback.now_utc() RETURNS timestamp LANGUAGE sql VOLATILE AS $$
    SELECT clock_timestamp() AT TIME ZONE 'UTC'
$$;

-- A customer is billed in one currency, at one share; without a contract there is none yet.
CREATE TABLE payback.customers (
    id         text PRIMARY KEY DEFAULT payback.new_id('cus'),
    name       text NOT NULL,
    currency   char(3) NOT NULL,
    share      numeric(5, 4),
    deleted_at timestamp,
    CONSTRAINT customers_currency_has_two_digits CHECK (currency IN ('CAD', 'EUR', 'GBP', 'USD')),
    CONSTRAINT customers_share_is_a_share CHECK (share BETWEEN 0 AND 1)
);

CREATE TABLE payback.recoveries (
    id          text PRIMARY KEY DEFAULT payback.new_id('rec'),
    customer_id text NOT NULL REFERENCES payback.customers (id),
    state       text NOT NULL,
    kind        text NOT NULL,
    amount      numeric(12, 2) NOT NULL,
    dedup_key   text NOT NULL,
    source_type text NOT NULL,
    source_id   text NOT NULL,
    reason      text NOT NULL,
    happened_at timestamp NOT NULL,
    recorded_at timestamp NOT NULL DEFAULT payback.now_utc(),
    CONSTRAINT recoveries_are_recorded_once UNIQUE (customer_id, dedup_key),
    CONSTRAINT recoveries_amount_is_a_number CHECK (amount <> 'NaN'),
    CONSTRAINT recoveries_state_is_known CHECK (state IN ('PENDING', 'CONFIRMED', 'REJECTED'))
);

CREATE INDEX recoveries_by_time ON payback.recoveries (customer_id, happened_at);

-- One amount: a fee on the whole of what was recovered. The fingerprint tells of which recoveries.
CREATE TABLE payback.invoices (
    id           text PRIMARY KEY DEFAULT payback.new_id('inv'),
    customer_id  text NOT NULL REFERENCES payback.customers (id),
    number       text,
    state        text NOT NULL DEFAULT 'OPEN',
    starts_at    timestamp NOT NULL,
    ends_at      timestamp NOT NULL,
    share        numeric(5, 4) NOT NULL,
    fee          numeric(12, 2) NOT NULL,
    fingerprint  numeric NOT NULL,
    opened_at    timestamp NOT NULL DEFAULT payback.now_utc(),
    finalized_at timestamp,
    settled_at   timestamp,
    CONSTRAINT invoices_number_is_unique UNIQUE (customer_id, number),
    CONSTRAINT invoices_period_is_not_empty CHECK (starts_at < ends_at),
    CONSTRAINT invoices_state_is_known CHECK (state IN ('OPEN', 'FINALIZED', 'SETTLED', 'VOID')),
    CONSTRAINT invoices_are_numbered_when_final CHECK ((state = 'OPEN') = (number IS NULL))
);

-- A recovery is on one invoice at most, from the day that this is final.
CREATE TABLE payback.claims (
    recovery_id text PRIMARY KEY REFERENCES payback.recoveries (id),
    invoice_id  text NOT NULL REFERENCES payback.invoices (id)
);

CREATE INDEX claims_by_invoice ON payback.claims (invoice_id);

-- Which request opened which invoice; a key is free again when its invoice is discarded.
CREATE TABLE payback.request_keys (
    key        text PRIMARY KEY,
    invoice_id text NOT NULL REFERENCES payback.invoices (id) ON DELETE CASCADE
);

CREATE INDEX request_keys_by_invoice ON payback.request_keys (invoice_id);
