-- The least that may be granted to whoever runs the gate on the platform that is described as
-- {{ called }}; written by: python -m platforms roles {{ called }}
-- An administrator who owns the tables runs it once on a staging database; a second run changes
-- nothing. Then, for example: GRANT p9a_reader TO alice;
-- The roles belong to the whole server, the grants to this database. No grant can tell a seed from
-- an event: that only seeds are deleted is the gate's own word, kept by id, tenant and prefix.

BEGIN;

-- p9a_reader            step 1, and anything with --read-only: it cannot write
-- p9a_gate              the whole gate, where the platform is called from outside
{% if in_process %}
-- p9a_gate_in_process   the whole gate, where the platform works in the gate's transaction
{% endif %}
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['p9a_reader', 'p9a_gate'{% if in_process %}, 'p9a_gate_in_process'{% endif %}] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END $$;

-- Each may do what the one before it may.
GRANT p9a_reader TO p9a_gate;
{% if in_process %}
GRANT p9a_gate TO p9a_gate_in_process;
{% endif %}

{% for grant in schemas %}
{{ grant }}
{% endfor %}

-- Whole tables: the books are a fingerprint of every column of a tenant's rows.
GRANT SELECT ON
{{ reading }}
TO p9a_reader;

-- Seeds come and go; what the platform made for the run, and did not take back itself, goes too.
{% for grant in writing %}
{{ grant }}
{% endfor %}
{% if drawing %}

-- Where the ids of what is inserted come from a sequence, whoever inserts draws from it.
DO $$
DECLARE
    drawn regclass;
BEGIN
    FOR drawn IN
        SELECT DISTINCT sequence.oid::regclass
        FROM pg_catalog.pg_attrdef AS fallback
        JOIN pg_catalog.pg_depend AS needed
            ON needed.classid = 'pg_catalog.pg_attrdef'::regclass AND needed.objid = fallback.oid
        JOIN pg_catalog.pg_class AS sequence
            ON needed.refclassid = 'pg_catalog.pg_class'::regclass
            AND sequence.oid = needed.refobjid
            AND sequence.relkind = 'S'
        WHERE fallback.adrelid = ANY (ARRAY['{{ drawing | join("', '") }}']::regclass[])
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO p9a_gate', drawn);
    END LOOP;
END $$;
{% endif %}
{% if scratch %}

-- The scratch tenants of check M.1, their terms, events and invoices of their past.
{% for grant in scratch %}
{{ grant }}
{% endfor %}
{% endif %}
{% if own %}

{{ own }}
{% endif %}

COMMIT;
