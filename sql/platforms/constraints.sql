-- name: constraints_that_wait
-- Constraints that are checked when a transaction commits, unless it asks for them earlier. One of a
-- schema that this session may not look into cannot be named.
SELECT DISTINCT format('%I.%I', namespace.nspname, waiting.conname) AS name
FROM pg_catalog.pg_constraint AS waiting
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = waiting.connamespace
WHERE waiting.condeferred AND has_schema_privilege(namespace.oid, 'USAGE')
ORDER BY name;

-- name: let_wait
SET CONSTRAINTS {names} DEFERRED;
