-- A platform that grew: whole numbers as ids and no foreign keys, milliseconds for instants, text for
-- months, floats and money, flags for statuses, one line an invoice, and rates on the customer.
CREATE TABLE clients (
    id        serial PRIMARY KEY,
    name      varchar(80) NOT NULL,
    code      varchar(20) NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    share_pct numeric(5, 2) NOT NULL
);

CREATE TABLE savings (
    id           serial PRIMARY KEY,
    client_id    integer NOT NULL,
    type         text NOT NULL,
    amount       double precision NOT NULL,
    event_ms     bigint NOT NULL,
    is_billable  boolean NOT NULL DEFAULT true,
    unique_key   uuid NOT NULL,
    warehouse    text NOT NULL,
    "order"      integer NOT NULL
);

CREATE TABLE bills (
    id         serial PRIMARY KEY,
    client_id  integer NOT NULL,
    number     integer NOT NULL,
    status     varchar(10) NOT NULL,
    month      char(7) NOT NULL,
    amount_due money NOT NULL,
    created_at timestamp NOT NULL DEFAULT now(),
    UNIQUE (client_id, month)
);

CREATE TABLE bill_savings (
    saving_id integer NOT NULL,
    bill_id   integer NOT NULL,
    PRIMARY KEY (saving_id, bill_id)
);

INSERT INTO bills (client_id, number, status, month, amount_due)
VALUES (1, 1, 'new', '2025-01', 10), (1, 2, 'sent', '2025-02', 10), (2, 3, 'odd', '2025-02', 10);
