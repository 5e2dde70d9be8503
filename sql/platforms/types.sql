-- name: hash_of_nulls
-- Fails where a column's type has no hash: the server looks for it before it looks at the value.
SELECT hash_record_extended(nulls, 0) FROM (SELECT (NULL::{table}).*) AS nulls;

-- name: some_sources
-- What an event may be about, where that must exist.
SELECT {column}::text AS id FROM {table} LIMIT 100;
