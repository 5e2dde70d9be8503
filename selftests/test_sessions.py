"""The gate's sessions: on one server, never on production, with nothing hidden.

What makes it impossible to say anything is one reason that says what to do.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ParamSpec

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from fixtures.database import session, snapshot
from fixtures.server import EmbeddedServer
from platforms import adapters
from platforms.obstacles import Aborted
from platforms.production import Production
from platforms.relations.composing import load
from platforms.relations.reading import BadRelation
from platforms.sessions import Manners, demand_same_clock, demand_writable, opened, server_of
from selftests.gate import RunGate
from selftests.queries_staging import staging as statements
from selftests.reference import described
from selftests.staging import Staging
from selftests.standby import ENVIRONMENT, caught_up, standing_by

P = ParamSpec("P")
MANNERS = Manners("p9a-gate 00000000", statement_timeout=7, lock_timeout=3, production=None)
ABORTED = 2


@pytest.fixture(scope="module")
def standby(embedded_server: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """A standby of the server that holds the test's databases."""
    with standing_by(embedded_server) as standby:
        yield standby


def test_a_session_says_who_it_is_and_only_its_end_ends_it(database: str) -> None:
    strict = "-c idle_session_timeout=1s -c idle_in_transaction_session_timeout=1s -c jit=on"
    strict += " -c default_transaction_isolation=serializable -c synchronous_commit=on"
    with opened(make_conninfo(database, options=strict), MANNERS) as connection:
        settings = {
            "application_name": "p9a-gate 00000000",
            "statement_timeout": "7s",
            "lock_timeout": "3s",
            "idle_session_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
            "transaction_timeout": "0",
            "default_transaction_isolation": "read committed",
            "row_security": "off",
            "synchronous_commit": "local",
            "jit": "off",
            "TimeZone": "UTC",
        }
        asked = "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name"
        assert dict(connection.execute(asked, [list(settings)]).fetchall()) == settings
        assert connection.prepare_threshold is None


def why_not(act: Callable[P, object], *given: P.args, **more: P.kwargs) -> str:
    """Act, and return why nothing can be said; nothing where all went well."""
    try:
        act(*given, **more)
    except Aborted as aborted:
        return str(aborted)
    return ""


# One server, and not production


def test_every_session_is_asked_for_production(
    embedded_server: EmbeddedServer, standby: EmbeddedServer
) -> None:
    either = make_conninfo(
        "",
        host=f"{embedded_server.host},{standby.host}",
        user="postgres",
        dbname="postgres",
        load_balance_hosts="random",
    )
    production = Production(re.compile(ENVIRONMENT), "-o p9a_production=<what is>")

    def look() -> None:
        with opened(either, replace(MANNERS, production=production)) as connection:
            assert not server_of(connection).standby

    reasons = {why_not(look) for _ in range(20)}
    assert len(reasons - {""}) == 1
    assert f"app.environment '{ENVIRONMENT}' looks like production" in "".join(reasons)


def test_a_run_has_but_one_server(
    embedded_server: EmbeddedServer, standby: EmbeddedServer, database: str
) -> None:
    first, *others = (embedded_server.conninfo("postgres"), standby.conninfo("postgres"), database)
    with opened(first, MANNERS) as connection:
        server = server_of(connection)
    with session(first, MANNERS, server) as connection:
        assert server_of(connection) == server
    for other in others:
        with (
            pytest.raises(Aborted, match="leads to several servers"),
            session(other, MANNERS, server),
        ):
            pass


# What is hidden


@contextmanager
def hiding(staging: Staging, table: str, condition: str) -> Iterator[None]:
    """Let a policy decide what is seen of a table."""
    connection = staging.connection
    connection.execute(f"CREATE POLICY seen ON {table} USING ({condition})".encode())
    connection.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())
    yield


HIDDEN = [
    ("app.value_events", "amount < 100"),
    ("app.tenants", "id = current_setting('app.tenant')::uuid"),
    ("app.gain_share_terms", "true"),
    ("app.billing_invoice_lines", "false"),
]


@pytest.mark.parametrize(("table", "condition"), HIDDEN, ids=lambda text: text.split()[0])
def test_what_a_policy_may_hide_is_one_reason(staging: Staging, table: str, condition: str) -> None:
    with hiding(staging, table, condition):
        reason = why_not(load_from, staging.conninfo_of("gate_in_process"))
        assert f'policy for table "{table.partition(".")[2]}"' in reason
        assert reason.startswith("gate_in_process is not shown every row")
        assert why_not(load_from, staging.conninfo) == "", "a superuser bypasses it by right"


def test_owners_are_not_spared_where_policies_are_forced(staging: Staging) -> None:
    connection = staging.connection
    connection.execute("ALTER TABLE app.value_events OWNER TO gate_in_process")
    connection.execute("GRANT USAGE ON SCHEMA app TO gate_in_process")
    with hiding(staging, "app.value_events", "true"):
        assert why_not(load_from, staging.conninfo_of("gate_in_process")) == ""
        connection.execute("ALTER TABLE app.value_events FORCE ROW LEVEL SECURITY")
        assert "is not shown every row" in why_not(
            load_from, staging.conninfo_of("gate_in_process")
        )


def test_the_owner_of_a_view_needs_the_right_too(staging: Staging) -> None:
    connection = staging.connection
    connection.execute("ALTER TABLE app.value_events RENAME TO findings")
    connection.execute("CREATE VIEW app.value_events AS SELECT * FROM app.findings")
    connection.execute("CREATE ROLE viewer")
    connection.execute("GRANT USAGE ON SCHEMA app TO viewer")
    connection.execute("GRANT SELECT ON app.findings TO viewer")
    connection.execute("ALTER VIEW app.value_events OWNER TO viewer")
    with hiding(staging, "app.findings", "amount < 100"):
        reason = why_not(load_from, staging.conninfo)
        assert 'policy for table "findings"' in reason
        assert "likewise the owner of a view that reads it" in reason
        connection.execute("ALTER ROLE viewer BYPASSRLS")
        try:
            assert why_not(load_from, staging.conninfo) == ""
        finally:
            connection.execute("DROP OWNED BY viewer CASCADE")
            connection.execute("DROP ROLE viewer")


def load_from(conninfo: str) -> None:
    """Hold the reference platform's description against a database, as every run does."""
    with opened(conninfo, MANNERS) as connection:
        load(connection, described())


def test_the_advice_about_policies_works(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    with hiding(staging, "app.tenants", "false"), hiding(staging, "app.schema_migrations", "false"):
        outcome = gate(tenant_id)
        assert outcome.code == ABORTED, outcome.out
        assert outcome.evidence is not None
        (advice,) = re.findall(r"ALTER ROLE .* BYPASSRLS", outcome.evidence.reason)
        staging.connection.execute(advice)
        try:
            advised = gate(tenant_id, "-m", "p9a and step1")
        finally:
            staging.connection.execute(advice.replace("BYPASSRLS", "NOBYPASSRLS"))
    assert (advised.code, advised.failed()) == (0, []), advised.out


# Servers on which not everything can be done


def test_on_a_standby_it_only_looks(
    standby: EmbeddedServer, staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    caught_up(staging.connection, standby)
    there = make_conninfo(staging.conninfo_of("gate_in_process"), host=standby.host)
    looked = gate(tenant_id, "--read-only", database=there)
    steps = {check.id: check.status for check in looked.tenant.checks}
    assert steps.pop("S1.7") == "not_run"
    assert {status for id, status in steps.items() if id.startswith("S1")} == {"passed"}, looked.out
    assert (looked.code, looked.failed()) == (1, [])
    refused = gate(tenant_id, database=there)
    assert refused.code == ABORTED
    assert refused.evidence is not None
    assert refused.evidence.reason.startswith("the database is a hot standby, where nobody can")


def test_a_conflict_with_recovery_aborts(standby: EmbeddedServer, staging: Staging) -> None:
    caught_up(staging.connection, standby)
    there = make_conninfo(staging.conninfo, host=standby.host)
    with ThreadPoolExecutor() as threads:
        reading = threads.submit(read_slowly, there)
        with psycopg.connect(there, autocommit=True) as watcher:
            asked = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            while watcher.execute(asked).fetchone() is None:
                assert not reading.done()
        staging.connection.execute("ALTER TABLE app.tenants ADD COLUMN note text")
        with pytest.raises(Aborted, match=r"conflict with recovery; run again"):
            reading.result(30)


def read_slowly(conninfo: str) -> None:
    patient = replace(MANNERS, statement_timeout=60)
    with session(conninfo, patient) as connection, snapshot(connection, read_only=True):
        connection.execute("SELECT pg_sleep(30) FROM (SELECT count(*) FROM app.tenants) AS t")


@contextmanager
def waiting_for(server: Connection[Any], standbys: str) -> Iterator[None]:
    """Have commits wait for those standbys, as far as they wait for any."""
    setting = "ALTER SYSTEM {} synchronous_standby_names {}"
    asked = "SELECT current_setting('synchronous_standby_names')"
    try:
        server.execute(setting.format("SET", f"TO '{standbys}'").encode())
        server.execute("SELECT pg_reload_conf()")
        while server.execute(asked).fetchone() != (standbys,):
            pass
        yield
    finally:
        server.execute(setting.format("RESET", "").encode())
        server.execute("SELECT pg_reload_conf()")
        while server.execute(asked).fetchone() != ("",):
            pass


STANDBYS = {
    "nobody": True,
    "WalReceiver": False,
    "*": False,
    'FIRST 1 (nobody, "walreceiver")': False,
    "ANY 2 (walreceiver, nobody)": True,
}


@pytest.mark.parametrize("user", ["postgres", "reader"])
def test_a_synchronous_standby_that_is_missing_is_named(
    standby: EmbeddedServer, staging: Staging, user: str
) -> None:
    commits = make_conninfo(staging.conninfo_of(user), options="-c synchronous_commit=on")
    for standbys, missing in STANDBYS.items():
        with waiting_for(staging.connection, standbys), opened(commits, MANNERS) as connection:
            reason = why_not(demand_writable, connection, "with --read-only")
        named = f"synchronous_standby_names is '{standbys}'" in reason
        assert (named, bool(reason)) == (missing, missing), f"{standbys}: {reason}"


@pytest.mark.parametrize(("role", "named"), [("replica", True), ("local", False)])
def test_whoever_no_trigger_fires_for_is_named(staging: Staging, role: str, named: bool) -> None:
    conninfo = make_conninfo(staging.conninfo, options=f"-c session_replication_role={role}")
    with opened(conninfo, MANNERS) as connection:
        reason = why_not(demand_writable, connection, "with --read-only")
    assert ("no trigger fires and no foreign key holds" in reason) is named, reason


def test_a_clock_that_is_wrong_is_told(staging: Staging) -> None:
    demand_same_clock(staging.connection)
    statements.shadow_the_catalog(staging.connection)
    staging.connection.execute("SET search_path = hostile, pg_catalog")
    with pytest.raises(Aborted, match=r"and 1970-01-01 00:00:00 on the database server"):
        demand_same_clock(staging.connection)


def test_a_machine_that_is_a_day_ahead_judges_nothing(staging: Staging, gate: RunGate) -> None:
    outcome = gate(staging.tenant(), "-p", "selftests.plugins.a_day_ahead")
    assert outcome.code == ABORTED, outcome.out
    assert "evidence with a wrong time convinces nobody" in outcome.out


def test_a_schema_of_another_name_is_one_reason(staging: Staging) -> None:
    staging.connection.execute("ALTER SCHEMA app RENAME TO billing")
    with opened(staging.conninfo, MANNERS) as connection:
        assert not adapters.is_reference(connection)
        with pytest.raises(BadRelation, match=r'relation "app\.tenants" does not exist'):
            load(connection, described())
