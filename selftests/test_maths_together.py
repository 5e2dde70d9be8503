"""Check M.1 writes its tenants together: runs stay apart, and what is wrong is told as if alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
from pytest_postgresql.executors import NoopExecutor

from acceptance.test_maths import act_maths
from fixtures.findings import Finding
from fixtures.server import EmbeddedServer
from oracle.bill import Bill
from oracle.generated import EXAMPLES, PERIOD, new_ids
from oracle.period import Period
from oracle.traps import TRAPS
from platforms.description import read
from platforms.port import Platform
from platforms.reference.adapter import Adapter
from platforms.relations.composing import Relations, load
from platforms.statements import Tables
from runbook.statuses import Status
from selftests.queries_maths import maths_queries
from selftests.reference import described, described_otherwise, platform_of, relations_of

TRIED = len(TRAPS) + EXAMPLES


def act(
    scratch: Tables, platform: Platform | None = None, relations: Relations | None = None
) -> Finding:
    """Act M.1 in a session."""
    connection = scratch.connection
    known = relations or relations_of(connection)
    return act_maths(scratch, platform or platform_of(connection), known, PERIOD)


class Previews(Adapter):
    """The platform, whose previews are counted and looked at before they are told."""

    def __init__(self, scratch: Tables, look: Callable[[int, Bill], Bill]) -> None:
        super().__init__(described(), scratch.connection)
        self._look, self._count = look, 0

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """Count it, and have it looked at."""
        self._count += 1
        return self._look(self._count, super().preview(tenant_id, period))


def test_a_run_waits_for_no_other_that_has_written_its_tenants(
    scratch: Tables, embedded_server: EmbeddedServer, rolled_back: NoopExecutor
) -> None:
    conninfo = embedded_server.conninfo(rolled_back.template_dbname)
    seen: list[tuple[int, Finding]] = []

    def look(count: int, bill: Bill) -> Bill:
        if count == 1:
            with psycopg.connect(conninfo, autocommit=True) as other:
                maths_queries.lock_timeout(other, patience="1s")
                told = act(Tables(other, scratch.statements))
            seen.append((maths_queries.tenant_number(scratch.connection), told))
        return bill

    assert act(scratch, Previews(scratch, look)).status is Status.PASSED
    ((written, told),) = seen
    assert written == 2 * TRIED, "all should be written before the first is billed"
    assert told.status is Status.PASSED, told


def test_what_is_wrong_only_among_many_is_told_as_seen_once(scratch: Tables) -> None:
    def look(count: int, bill: Bill) -> Bill:
        return replace(bill, event_count=7_000) if count == 20 else bill

    finding = act(scratch, Previews(scratch, look))
    assert finding.status is Status.FAILED
    assert finding.got.startswith("not every time, but once: preview: "), finding
    assert "7000" in finding.got
    assert finding.detail.startswith("a tenant billed in ")


def test_where_no_draft_can_be_taken_back_each_is_alone_all_the_same(
    scratch: Tables, tmp_path: Path
) -> None:
    changed = described_otherwise(
        tmp_path / "ours",
        ("[lacks]\n", '[lacks]\ncancel = "none"\n'),
        ("cancel = {", "# cancel = {"),
    )
    drafts: list[int] = []

    def look(_: int, bill: Bill) -> Bill:
        drafts.append(maths_queries.draft_number(scratch.connection))
        return bill

    finding = act(scratch, Previews(scratch, look), load(scratch.connection, read(changed)))
    assert finding.status is Status.PASSED, finding
    assert drafts
    assert set(drafts) == {0}


def test_ids_of_its_own_are_in_the_order_of_those_that_are_always_the_same() -> None:
    one, other = new_ids(), new_ids()
    assert one.tenant < one.neighbour < one.invoice < one.neighbours_invoice
    assert {one.tenant, one.neighbour}.isdisjoint({other.tenant, other.neighbour})
