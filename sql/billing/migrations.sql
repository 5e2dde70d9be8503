-- name: lock_migrations()$
-- Two migrations at once: the second waits, then finds everything applied.
SELECT pg_advisory_xact_lock(hashtextextended('billing schema migrations', 0));

-- name: create_record()#
CREATE SCHEMA IF NOT EXISTS app;
CREATE TABLE IF NOT EXISTS app.schema_migrations (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: has_record()$
-- Whether migrations were ever applied here.
SELECT pg_catalog.to_regclass('app.schema_migrations') IS NOT NULL;

-- name: applied()
SELECT name, sha256 FROM app.schema_migrations ORDER BY name;

-- name: record(name, sha256)!
INSERT INTO app.schema_migrations (name, sha256) VALUES (:name, :sha256);
