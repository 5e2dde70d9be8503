"""Sessions that are kept from tenant to tenant: each is given as if it were new, or not again."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import Connection, Cursor

from fixtures.database import about, snapshot
from fixtures.sessions import Sessions
from fixtures.target import Target
from platforms.obstacles import Aborted
from platforms.production import DEFAULT, Production
from platforms.statements import Tables
from selftests.reference import described, relations_of
from selftests.rows.acting import target_of
from selftests.staging import Staging

TENANT = "9a9a9a9a-0000-4000-8000-000000000001"
STATES = """
    SELECT
        (SELECT array_agg(concat(name, '=', setting) ORDER BY name) FROM pg_settings) AS settings,
        session_user::text AS session_user, current_user::text AS current_user,
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
        (SELECT count(*) FROM pg_class WHERE relpersistence = 't'),
        (SELECT count(*) FROM pg_cursors WHERE is_holdable), ARRAY(SELECT pg_listening_channels())
"""


@pytest.fixture
def target(staging: Staging) -> Target:
    """What a run is told that refuses production."""
    production = Production(re.compile(DEFAULT), "-o p9a_production=<what is>")
    return replace(target_of(staging.conninfo, described(), TENANT), production=production)


@pytest.fixture
def sessions(staging: Staging, target: Target) -> Iterator[Sessions]:
    """The sessions of a process."""
    kept = Sessions(target, staging.conninfo)
    yield kept
    kept.close()


def used(sessions: Sessions, *acts: Callable[[Connection[Any]], object]) -> int:
    """Use a session, give it back, and return the pid of its process."""
    with sessions.session() as connection:
        pid = connection.info.backend_pid
        for act in acts:
            act(connection)
    return pid


def states(connection: Connection[Any]) -> list[Any]:
    """Return all that a session may have set, taken and left open."""
    return connection.execute(STATES).fetchall()


def leave_all(connection: Connection[Any]) -> None:
    """Leave in a session whatever can be left there."""
    about(connection).value("lock_tenant_runs", tenant_id=TENANT)
    for said in (
        "SET app.whatever = 'left'",
        "SET search_path = pg_temp",
        "SET statement_timeout = 0",
        "CREATE TEMP TABLE tenants (id int)",
        "LISTEN somebody",
        "SET ROLE reader",
        "DECLARE rows CURSOR WITH HOLD FOR SELECT 1",
        "SET default_transaction_read_only = on",
    ):
        connection.execute(said.encode())
    connection.read_only, connection.cursor_factory = True, psycopg.ClientCursor


def test_a_session_is_given_again_as_if_it_were_new(sessions: Sessions, target: Target) -> None:
    with target.session(sessions.conninfo) as connection:
        new = states(connection)
    pid = used(sessions, leave_all)
    with target.session(sessions.conninfo) as other:
        lock = about(other).value("lock_tenant_runs", tenant_id=TENANT)
        assert lock == other.info.backend_pid, "what was locked is free at once"
    with sessions.session() as again:
        assert again.info.backend_pid == pid
        assert [*states(again)[0][1:]] == [*new[0][1:]]
        settings = zip(states(again)[0][0], new[0][0], strict=False)
        assert [pair for pair in settings if pair[0] != pair[1]] == []
        assert (again.read_only, again.cursor_factory) == (None, Cursor)


def fail(connection: Connection[Any]) -> None:
    """Go wrong, and let nobody see it."""
    connection.autocommit = False
    connection.execute("SELECT 1")


def prepare(connection: Connection[Any]) -> None:
    """Prepare a statement that the next would find under its name."""
    connection.execute("PREPARE bill AS SELECT 1")


def end(connection: Connection[Any]) -> None:
    """Have a session ended when it has been given back."""
    connection.close()


@pytest.mark.parametrize("act", [fail, prepare, end])
def test_a_session_that_is_not_as_new_is_given_to_nobody(
    sessions: Sessions, act: Callable[[Connection[Any]], object]
) -> None:
    pid = used(sessions)
    assert used(sessions, act) == pid
    assert used(sessions) != pid


TRACES = {
    "a parameter": "BEGIN PERFORM set_config('app.who', '1', true); END",
    "another one": "BEGIN SET LOCAL app.who = '1'; END",
    "what is planned": "BEGIN EXECUTE 'DEALLOCATE ALL'; END",
}


@pytest.mark.parametrize("name", TRACES)
def test_where_a_platform_leaves_what_nobody_undoes_no_session_is_kept(
    sessions: Sessions, staging: Staging, name: str
) -> None:
    made = f"CREATE FUNCTION app.trace() RETURNS void LANGUAGE plpgsql AS $$ {TRACES[name]} $$"
    staging.connection.execute(made.encode())
    assert used(sessions) != used(sessions)


def test_where_a_function_sets_a_parameter_for_itself_no_session_is_kept(
    sessions: Sessions, staging: Staging
) -> None:
    staging.connection.execute(
        "CREATE FUNCTION app.trace() RETURNS integer LANGUAGE sql SET app.who = '1' AS 'SELECT 1'"
    )
    assert used(sessions) != used(sessions)


def test_a_session_that_something_went_wrong_in_is_given_to_nobody(sessions: Sessions) -> None:
    pid = used(sessions)
    with pytest.raises(Aborted, match="told to stop"), sessions.session() as connection:
        raise psycopg.errors.QueryCanceled
    assert connection.closed
    assert used(sessions) != pid


def test_a_session_that_was_ended_meanwhile_is_opened_anew(
    sessions: Sessions, staging: Staging
) -> None:
    pid = used(sessions)
    staging.connection.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    assert used(sessions) != pid


def test_a_kept_session_is_asked_for_production_again(sessions: Sessions, staging: Staging) -> None:
    used(sessions)
    name = staging.connection.info.dbname
    staging.connection.execute(f"ALTER DATABASE {name} SET app.environment = 'prod'".encode())
    with pytest.raises(Aborted, match=r"app\.environment 'prod' looks like production"):
        used(sessions)


def test_a_kept_session_is_asked_for_its_server_again(
    sessions: Sessions, staging: Staging, target: Target
) -> None:
    used(sessions)
    with target.session(staging.conninfo) as connection:
        row = about(connection).row("whose_session") or {}
    sessions.target = replace(target, server=type("Other", (), row)())
    with pytest.raises(Aborted, match="leads to several servers"):
        used(sessions)


def test_what_asks_for_no_rows_of_the_platform_is_planned_once(
    sessions: Sessions, staging: Staging
) -> None:
    relations = relations_of(staging.connection)

    def ask(connection: Connection[Any]) -> None:
        with snapshot(connection, read_only=True):
            tables = Tables(connection, relations.statements)
            tables.value("current_transaction")
            tables.row("tenant", tenant_id=TENANT)

    for _ in range(3):
        used(sessions, ask)
    with sessions.session() as connection:
        planned = connection.execute(
            "SELECT statement FROM pg_prepared_statements WHERE generic_plans + custom_plans > 1"
        ).fetchall()
    told = " ".join(statement for (statement,) in planned)
    assert "pg_snapshot_xmax" in told, "a rollback of the driver's throws no plan away"
    assert "p9a_tenants" not in told


def test_rows_are_looked_for_only_where_somebody_can_have_left_some(
    staging: Staging, sessions: Sessions
) -> None:
    asked = Tables(staging.connection, relations_of(staging.connection).statements)

    def left() -> bool:
        return bool(asked.value("any_left_since", since=since))

    since = asked.value("current_transaction")
    with sessions.session() as other, snapshot(other, read_only=False):
        other.execute("SELECT pg_current_xact_id()")
        assert not left(), "a transaction that has not ended"
    assert not left(), "a transaction that was rolled back"
    with staging.connection.transaction(force_rollback=True):
        staging.connection.execute("SELECT pg_current_xact_id()")
        assert left(), "this transaction itself"
    with sessions.session() as other:
        other.execute("SELECT pg_current_xact_id()")
    assert left(), "a transaction that ended well"
    since = asked.value("current_transaction")
    assert not left()
