-- name: missing_roles
SELECT role
FROM unnest(:roles::text[]) AS role
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role)
ORDER BY role;

-- name: missing_grants
-- Which of the grants a role has not, by itself or through another; a table or column that is not
-- there is missing too. What is empty is not asked about: a column, for a privilege on a whole table.
SELECT wanted.role, wanted.privilege, wanted.kind, wanted.thing, wanted.part
FROM unnest(
    :roles::text[], :privileges::text[], :kinds::text[], :things::text[], :columns::text[]
) WITH ORDINALITY AS wanted (role, privilege, kind, thing, part, place)
WHERE coalesce(
    CASE
        WHEN wanted.kind = 'role' THEN pg_has_role(wanted.role, wanted.thing, 'MEMBER')
        WHEN wanted.kind = 'schema' THEN has_schema_privilege(
            wanted.role, to_regnamespace(wanted.thing)::oid, wanted.privilege
        )
        WHEN wanted.part = '' THEN has_table_privilege(
            wanted.role, to_regclass(wanted.thing)::oid, wanted.privilege
        )
        ELSE has_column_privilege(
            wanted.role,
            to_regclass(wanted.thing)::oid,
            (
                SELECT attnum
                FROM pg_catalog.pg_attribute
                WHERE attrelid = to_regclass(wanted.thing) AND attname = wanted.part
            ),
            wanted.privilege
        )
    END, false
) IS FALSE
ORDER BY wanted.place;
