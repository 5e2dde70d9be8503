-- A platform as an ORM for TypeScript makes it: names in camel case, enums, ids as text, instants
-- without a zone, deletion that leaves the row, a claim on the event, and a line for each kind.
CREATE SCHEMA shop;

CREATE TYPE shop."InvoiceStatus" AS ENUM ('DRAFT', 'OPEN', 'PAST_DUE', 'PAID', 'CANCELED', 'DISPUTED');
CREATE TYPE shop."EventStatus" AS ENUM ('PENDING', 'CONFIRMED', 'REJECTED');

CREATE TABLE shop."Organization" (
    id          text PRIMARY KEY,
    "legalName" text NOT NULL,
    active      boolean NOT NULL DEFAULT true,
    "createdAt" timestamp(3) NOT NULL DEFAULT now()
);

CREATE TABLE shop."UsageEvent" (
    id               text PRIMARY KEY,
    "organizationId" text NOT NULL REFERENCES shop."Organization" (id),
    "externalId"     text NOT NULL UNIQUE,
    kind             varchar(40) NOT NULL,
    status           shop."EventStatus" NOT NULL DEFAULT 'PENDING',
    "amountMinor"    integer NOT NULL,
    "currencyCode"   char(3) NOT NULL DEFAULT 'EUR',
    "occurredAt"     timestamp(3) NOT NULL,
    "createdAt"      timestamp(3) NOT NULL DEFAULT now(),
    "deletedAt"      timestamp(3),
    payload          json NOT NULL,
    "invoiceId"      text
);

CREATE TABLE shop."Contract" (
    id               text PRIMARY KEY,
    "organizationId" text NOT NULL REFERENCES shop."Organization" (id),
    "feeBps"         integer NOT NULL,
    "startDate"      date NOT NULL,
    "endDate"        date,
    "deletedAt"      timestamp
);

CREATE TABLE shop."Limit" (
    id               text PRIMARY KEY,
    "organizationId" text NOT NULL REFERENCES shop."Organization" (id),
    currency         text NOT NULL DEFAULT 'usd',
    "capPerEvent"    numeric(12, 2) NOT NULL DEFAULT 0,
    "yearCapMinor"   bigint,
    minimum          numeric(12, 2),
    "deletedAt"      timestamp
);

CREATE TABLE shop."Invoice" (
    id               text PRIMARY KEY,
    "organizationId" text NOT NULL REFERENCES shop."Organization" (id),
    "invoiceNumber"  text UNIQUE,
    status           shop."InvoiceStatus" NOT NULL DEFAULT 'DRAFT',
    "periodStart"    date NOT NULL,
    "periodEnd"      date NOT NULL,
    "totalMinor"     integer NOT NULL CHECK ("totalMinor" > 0),
    "idempotencyKey" text UNIQUE,
    "createdAt"      timestamp(3) NOT NULL DEFAULT now(),
    "finalizedAt"    timestamp(3),
    "paidAt"         timestamp(3),
    EXCLUDE USING gist ("organizationId" WITH =, daterange("periodStart", "periodEnd", '[]') WITH &&)
);

ALTER TABLE shop."UsageEvent"
    ADD FOREIGN KEY ("invoiceId") REFERENCES shop."Invoice" (id);

CREATE TABLE shop."InvoiceLine" (
    "invoiceId"      text NOT NULL REFERENCES shop."Invoice" (id),
    kind             varchar(40) NOT NULL,
    "eventCount"     integer NOT NULL,
    "recoveredMinor" integer NOT NULL,
    "feeMinor"       integer NOT NULL,
    PRIMARY KEY ("invoiceId", kind)
);

CREATE TABLE shop."LineNote" (
    id          text PRIMARY KEY,
    "invoiceId" text NOT NULL,
    kind        varchar(40) NOT NULL,
    FOREIGN KEY ("invoiceId", kind) REFERENCES shop."InvoiceLine" ("invoiceId", kind)
);

CREATE TABLE shop."WebhookDelivery" (id text PRIMARY KEY, body jsonb NOT NULL);
