-- Events are partitioned by month, so that their key has two columns; a flag and a status say together
-- which may be billed; words are of enums.
CREATE SCHEMA fin;
CREATE TYPE fin.recovery_state AS ENUM ('OPEN', 'RECOVERED', 'DISMISSED');
CREATE TYPE fin.recovery_kind AS ENUM ('OVERCHARGE', 'LATE', 'LOST', 'OTHER');
CREATE TYPE fin.bill_state AS ENUM ('DRAFT', 'SENT', 'SETTLED', 'VOIDED');
CREATE TABLE fin.customer (
    cust_id      text PRIMARY KEY,
    display_name text NOT NULL,
    status       text NOT NULL
);
CREATE TABLE fin.bill (
    bill_id    text PRIMARY KEY,
    cust_id    text NOT NULL REFERENCES fin.customer,
    state      fin.bill_state NOT NULL,
    ccy        char(3) NOT NULL,
    month      date NOT NULL,
    n_events   integer NOT NULL,
    fee_minor  bigint NOT NULL
);
CREATE TABLE fin.bill_row (
    row_id    bigint PRIMARY KEY,
    bill_id   text NOT NULL REFERENCES fin.bill,
    share_fee bigint NOT NULL
);
CREATE TABLE fin.recovery (
    rec_id       text NOT NULL DEFAULT gen_random_uuid(),
    cust_id      text NOT NULL REFERENCES fin.customer,
    called       text NOT NULL,
    kind         fin.recovery_kind NOT NULL,
    state        fin.recovery_state NOT NULL,
    chargeable   boolean NOT NULL DEFAULT true,
    amount_minor bigint NOT NULL,
    ccy          char(3) NOT NULL,
    happened_at  timestamptz NOT NULL,
    bill_id      text REFERENCES fin.bill,
    PRIMARY KEY (rec_id, happened_at)
) PARTITION BY RANGE (happened_at);
CREATE TABLE fin.recovery_2026 PARTITION OF fin.recovery
FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE fin.rate_card (
    card_id    text PRIMARY KEY,
    cust_id    text NOT NULL REFERENCES fin.customer,
    bps        integer NOT NULL,
    valid_from date NOT NULL
);
