"""A database that many share: no more sessions of gates than were allowed, and patience."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from fixtures.database import session
from fixtures.room import place, when_not_busy
from platforms.obstacles import Aborted
from platforms.sessions import Manners
from selftests.conftest import gate_on
from selftests.gate import run_gate
from selftests.queries_staging import staging as queries
from selftests.staging import Staging
from selftests.test_obstacles import limited

GUEST = Manners("p9a-gate guest", statement_timeout=10, lock_timeout=1, production=None)


def opening(conninfo: str) -> AbstractContextManager[Connection[Any]]:
    return session(conninfo, GUEST)


def demand_sessions(watcher: Connection[Any], sessions: int, seconds: int = 10) -> None:
    """Ask until gates have so many sessions: one that was closed ends a moment later."""
    give_up = monotonic() + seconds
    while queries.gates_sessions(watcher) != sessions:
        assert monotonic() < give_up, f"gates keep more than {sessions} sessions"


def test_who_finds_no_place_takes_no_room_and_gets_the_next_that_is_free(staging: Staging) -> None:
    connect = partial(opening, staging.conninfo)
    with ExitStack() as held, staging.elsewhere() as watcher:
        for _ in range(2):
            held.enter_context(place(connect, max_load=8))
        words = "gates have had all 9 sessions of --max-load for [01] s: run again"
        with pytest.raises(Aborted, match=words), place(connect, max_load=9, seconds=0.1):
            pass
        demand_sessions(watcher, 2)
        tried, tries = threading.Event(), [0]

        def counted() -> AbstractContextManager[Connection[Any]]:
            tries[0] += 1
            if not tried.is_set():
                demand_sessions(watcher, 2)
            if tries[0] == 3:
                tried.set()
            return connect()

        def wait() -> int:
            with place(counted, max_load=8, seconds=60) as got:
                return got.info.backend_pid

        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(wait)
            assert tried.wait(30)
            held.close()
            assert waiting.result(60)
    with place(connect, max_load=0), place(connect, max_load=0):
        pass  # without a limit nobody waits for anybody


def test_a_fleet_never_has_more_sessions_than_it_was_allowed(
    staging: Staging, tmp_path: Path
) -> None:
    for _ in range(3):
        staging.tenant()
    ended, most = threading.Event(), [0]

    def watch() -> None:
        with staging.elsewhere() as watcher:
            while not ended.wait(0.02):
                most[0] = max(most[0], queries.gates_sessions(watcher))

    gate = gate_on(staging, tmp_path, "gate_in_process")
    with ThreadPoolExecutor() as pool:
        watching = pool.submit(watch)
        outcome = gate("all", "--max-load=7", "-n", "2")
        ended.set()
        watching.result()
    assert outcome.code == 0, outcome.out
    assert 3 <= most[0] <= 5  # one tenant's, and the one by which another worker looks in
    assert outcome.evidence is not None
    assert outcome.evidence.options["--max-load"] == "7"
    acts = {span.act for tenant in outcome.evidence.tenants for span in tenant.timeline}
    assert "wait for room on the database" in acts


@pytest.mark.parametrize("patience", [30, 0.3])
def test_who_meets_a_busy_server_comes_again_but_not_for_ever(
    staging: Staging, patience: float
) -> None:
    conninfo, tries = limited(staging, 0), [0]
    user = psycopg.conninfo.conninfo_to_dict(conninfo)["user"]

    def connect() -> AbstractContextManager[Connection[Any]]:
        tries[0] += 1
        if tries[0] == 3 and patience > 1:
            staging.connection.execute(f"ALTER ROLE {user} CONNECTION LIMIT 1".encode())
        return opening(conninfo)

    if patience < 1:
        words = r"too many connections for role .* CONNECTION LIMIT\); tried for 0 s$"
        with pytest.raises(Aborted, match=words), when_not_busy(connect, patience):
            pass
        assert tries[0] > 1
    else:
        with when_not_busy(connect, patience) as connection:
            assert connection.info.user == user
        assert tries[0] == 3


def test_what_is_no_lack_of_room_is_told_at_once(staging: Staging) -> None:
    tries = [0]

    @contextmanager
    def connect() -> Iterator[Connection[Any]]:
        tries[0] += 1
        with opening(make_conninfo(staging.conninfo, dbname="nowhere")) as connection:
            yield connection

    with pytest.raises(Aborted, match="does not exist"), when_not_busy(connect, 30):
        pass
    assert tries[0] == 1


@pytest.mark.parametrize("given", ["3", "-1"])
def test_a_load_that_lets_nobody_be_judged_is_refused(tmp_path: Path, given: str) -> None:
    nowhere = "postgresql://operator@127.0.0.1:1/staging"
    folder = tmp_path / "evidence"
    outcome = run_gate(folder, f"--max-load={given}", "--tenant=all", database=nowhere)
    assert outcome.code == 4
    assert f"--max-load={given} lets nobody be judged" in outcome.err + outcome.out
