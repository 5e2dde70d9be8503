"""Behind a real pooler: one that shares its sessions is refused, and the platform does no harm.

What a pool's server keeps of one client, the next one meets: nothing may be left.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import psycopg
import pytest

from fixtures.server import EmbeddedServer
from platforms.obstacles import Aborted
from platforms.sessions import Manners, opened
from selftests.boundaries import Bench
from selftests.gate import RunGate
from selftests.pooler import needs_pgbouncer, pooled
from selftests.queries_staging import staging as statements
from selftests.server import Caller, run_api
from selftests.staging import Staging

pytestmark = needs_pgbouncer
CLEAN = {"locks": 0, "statements": 0, "settings": ""}
MANNERS = Manners("p9a-gate 00000000", statement_timeout=120, lock_timeout=10, production=None)
SHARED = "the database is behind a pooler that gives"
CALLS, AT_ONCE = 40, 6
PATIENCE_SECONDS = 20


def left(pool: str) -> list[dict[str, Any]]:
    """What strangers find in the sessions of the pool, of which each has one at the same moment."""
    everybody = Barrier(AT_ONCE)

    def look(_: int) -> dict[str, Any]:
        with psycopg.connect(pool, autocommit=True) as connection, connection.transaction():
            connection.execute("SELECT")
            everybody.wait(PATIENCE_SECONDS)
            return statements.left_with_strangers(connection)

    with ThreadPoolExecutor(AT_ONCE) as strangers:
        return list(strangers.map(look, range(AT_ONCE)))


def test_a_run_is_refused_and_leaves_nothing(
    embedded_server: EmbeddedServer, staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    conninfo = staging.conninfo_of("gate_in_process")
    with pooled(conninfo, embedded_server.host, "transaction") as pool:
        outcome = gate(tenant_id, database=pool)
        assert left(pool) == [CLEAN] * AT_ONCE
    assert outcome.evidence is not None, outcome.out + outcome.err
    assert (outcome.code, outcome.evidence.verdict) == (2, "ABORTED")
    assert outcome.evidence.reason.startswith(SHARED), outcome.out
    assert "or a pool in session mode" in outcome.evidence.reason
    assert staging.rows() == before


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("in_turn", [False, True])
def test_no_session_is_had_there(
    embedded_server: EmbeddedServer, database: str, mode: str, in_turn: bool
) -> None:
    with pooled(database, embedded_server.host, mode, in_turn=in_turn) as pool:
        for _ in range(3):
            with pytest.raises(Aborted, match=SHARED), opened(pool, MANNERS):
                pass


def test_nor_where_others_are_busy(embedded_server: EmbeddedServer, database: str) -> None:
    over = Event()

    def keep_busy(pool: str) -> None:
        with psycopg.connect(pool, autocommit=True, prepare_threshold=None) as connection:
            while not over.is_set():
                connection.execute("SELECT 1")

    with (
        pooled(database, embedded_server.host, "transaction") as pool,
        ThreadPoolExecutor(3) as others,
    ):
        busy = [others.submit(keep_busy, pool) for _ in range(3)]
        try:
            for _ in range(10):
                with pytest.raises(Aborted, match=SHARED), opened(pool, MANNERS):
                    pass
        finally:
            over.set()
        for one in busy:
            one.result()


def test_a_pool_in_session_mode_is_as_good_as_the_server(
    embedded_server: EmbeddedServer, in_process: Bench
) -> None:
    staging = in_process.staging
    conninfo = staging.conninfo_of("gate_in_process")
    with pooled(conninfo, embedded_server.host, "session") as pool:
        outcome = in_process.gate(staging.tenant(), *in_process.arguments, database=pool)
    assert (outcome.code, outcome.failed()) == (0, []), outcome.out


def test_the_platform_answers_there_and_leaves_nothing(
    embedded_server: EmbeddedServer, staging: Staging
) -> None:
    tenant_id: UUID = staging.tenant()
    staging.event(tenant_id)
    with (
        pooled(staging.conninfo, embedded_server.host, "transaction") as pool,
        run_api(pool) as url,
        Caller(url) as caller,
        ThreadPoolExecutor(AT_ONCE) as callers,
    ):
        body = {"tenantId": str(tenant_id), "periodStart": "2026-02", "periodEnd": "2026-03"}
        previews = callers.map(lambda _: caller.post("preview", body), range(CALLS))
        assert [answer.status_code for answer in previews] == [200] * CALLS
        drafts = callers.map(lambda n: caller.draft(tenant_id, f"key-{n}"), range(AT_ONCE))
        assert sorted(answer.status_code for answer in drafts) == [201] + [409] * (AT_ONCE - 1)
        assert left(pool) == [CLEAN] * AT_ONCE
