"""A run that ends early, at every boundary of what it writes, leaves nothing behind.

The boundaries, before and after each commit and each call of the platform, are those that a first,
undisturbed run passes. At each of them a run on a tenant of its own is ended: killed, by Ctrl-C, or
by SIGTERM, in turn; ``faults/test_every_ending.py`` has the others. What killed runs leave is swept
by one more run on all of these tenants; any other run must have cleaned up itself.
"""

import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from selftests.boundaries import Bench
from selftests.gate import Outcome
from selftests.staging import Staging

PARTS = 3  # of the boundaries, one for each way to end a run
pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Ending:
    """A run that was ended at one boundary, and whether rows were not as before it."""

    tenant_id: UUID
    number: int
    boundary: str
    outcome: Outcome
    left: bool


Count = Callable[[str, int], None]


def sweep(bench: Bench, endings: list[Ending]) -> Outcome:
    """Run the gate once more on every tenant that a run was ended on."""
    first, *others = [ending.tenant_id for ending in endings]
    return bench.gate(first, *(f"--tenant={tenant_id}" for tenant_id in others))


def end_everywhere(
    bench: Bench, how: signal.Signals, part: int = 0, parts: int = 1
) -> tuple[list[str], list[Ending]]:
    """End a run on a tenant of its own at each boundary of a part."""
    boundaries = bench.boundaries()
    endings = []
    for number, boundary in list(enumerate(boundaries))[part::parts]:
        tenant_id, before = bench.staging.tenant(), bench.staging.rows()
        outcome = bench.end(tenant_id, number + 1, how)
        left = bench.staging.rows() != before
        endings.append(Ending(tenant_id, number, boundary, outcome, left))
    return boundaries, endings


def test_over_http_what_a_killed_run_left_is_swept(over_http: Bench, count: Count) -> None:
    demand_swept(over_http, count, part=0)


@pytest.mark.parametrize(("how", "part"), [(signal.SIGINT, 1), (signal.SIGTERM, 2)])
def test_over_http_a_run_that_is_told_to_end_cleans_up_and_says_so(
    over_http: Bench, count: Count, how: signal.Signals, part: int
) -> None:
    demand_clean(over_http, count, how, part)


def demand_swept(bench: Bench, count: Count, part: int) -> None:
    """Demand that what runs left that were killed at a part of the boundaries is swept."""
    boundaries, endings = end_everywhere(bench, signal.SIGKILL, part, PARTS)
    assert {ending.outcome.code for ending in endings} == {-signal.SIGKILL}
    planted, removed = commits(boundaries)
    left = [ending.number for ending in endings if ending.left]
    assert left == [n for n in range(planted, removed) if n % PARTS == part], boundaries
    outcome = sweep(bench, endings)
    assert outcome.code == 0, outcome.out
    assert outcome.evidence is not None
    swept = {tenant.id for tenant in outcome.evidence.tenants if tenant.swept}
    assert swept == {str(ending.tenant_id) for ending in endings if ending.left}
    assert nothing_is_written(bench.staging)
    count("kill points over HTTP, kill -9", len(endings))


def demand_clean(bench: Bench, count: Count, how: signal.Signals, part: int) -> None:
    """Demand that runs that were told to end at a part of the boundaries leave nothing."""
    boundaries, endings = end_everywhere(bench, how, part, PARTS)
    assert boundaries[:2] == ["before the call HEAD", "after the call HEAD"]
    for ending in endings:
        number, outcome = ending.number, ending.outcome
        assert not ending.left, f"{ending.boundary}: {outcome.out}"
        assert (outcome.code, outcome.evidence and outcome.evidence.verdict) == (2, "ABORTED")
        assert f"Reason: interrupted by {how.name} before the end" in outcome.out
        # Who was ended before anything was collected has not looked, for nothing was written.
        looked = number >= 2
        assert ("Nothing of this run remains in the database." in outcome.out) == looked
        assert "Traceback" not in outcome.out + outcome.err
    assert nothing_is_written(bench.staging)
    count(f"kill points over HTTP, {how.name}", len(endings))


def test_in_process_nothing_is_ever_committed(in_process: Bench, count: Count) -> None:
    boundaries, endings = end_everywhere(in_process, signal.SIGKILL)
    assert not any(boundary.startswith("after commit") for boundary in boundaries)
    assert {(ending.outcome.code, ending.left) for ending in endings} == {(-signal.SIGKILL, False)}
    count("kill points in process, kill -9", len(endings))


def test_a_sweep_that_is_killed_is_made_again(over_http: Bench) -> None:
    planted, _ = commits(over_http.boundaries())
    for swept in ("before commit 1", "after commit 1"):
        tenant_id = over_http.staging.tenant()
        over_http.end(tenant_id, planted + 1, signal.SIGKILL)
        assert not nothing_is_written(over_http.staging)
        assert over_http.end(tenant_id, swept, signal.SIGKILL).code == -signal.SIGKILL
        assert nothing_is_written(over_http.staging) == (swept == "after commit 1")
        assert over_http.gate(tenant_id).code == 0
        assert nothing_is_written(over_http.staging)


def to_both(worker: int, controller: int) -> None:
    """Press Ctrl-C."""
    os.kill(worker, signal.SIGINT)
    os.kill(controller, signal.SIGINT)


def to_the_controller(_: int, controller: int) -> None:
    """End the process that the user started, and tell no other."""
    os.kill(controller, signal.SIGTERM)


def to_the_worker(worker: int, _: int) -> None:
    """Kill the process that judges, which tells nobody."""
    os.kill(worker, signal.SIGKILL)


@pytest.mark.parametrize("end", [to_both, to_the_controller, to_the_worker])
def test_with_workers_nothing_stays_either(
    over_http: Bench, end: Callable[[int, int], None]
) -> None:
    staging, tenant_id = over_http.staging, over_http.staging.tenant()
    before = staging.rows()
    with over_http.held(tenant_id, "after the call invoices", "-n", "2") as run:
        assert staging.rows() != before
        end(*over_http.pids())
    outcome = run.result()
    assert outcome.code == 2, outcome.out
    assert "Nothing of this run remains in the database." in outcome.out
    assert staging.rows() == before


@pytest.mark.parametrize(
    ("boundary", "insisting"),
    [
        ("before the call invoices", (signal.SIGTERM, signal.SIGINT)),
        ("after the call invoices", (signal.SIGINT, signal.SIGTERM)),
    ],
)
def test_who_insists_ends_the_run_at_once_and_is_told_what_may_remain(
    over_http: Bench, boundary: str, insisting: tuple[signal.Signals, ...]
) -> None:
    """It hangs in a call that writes, which one interruption waits for."""
    staging, tenant_id = over_http.staging, over_http.staging.tenant()
    before = staging.rows()
    with over_http.held(tenant_id, boundary) as run:
        for number in insisting:
            os.kill(over_http.pids()[0], number)
        outcome = run.result(timeout=30)
    assert outcome.code == 2, outcome.out
    assert outcome.evidence is None
    assert re.search("^SIG(INT|TERM) again: ended at once$", outcome.err, re.MULTILINE)
    (told,) = re.findall(r"^REMAINS in the database .*: (.*)$", outcome.err, re.MULTILINE)
    names = [name.split()[-1] for name in told.split(", ")]
    left = [row["content"] for row in staging.rows() if row not in before]
    assert all(any(f'"{name}"' in row for row in left) for name in names if "dryrun" in name)
    assert len([name for name in names if "dryrun" in name]) == 3
    (command,) = re.findall(r"^BEGIN; .* COMMIT;$", outcome.err, flags=re.MULTILINE)
    staging.connection.execute(command)
    assert staging.rows() == before


def commits(boundaries: list[str]) -> tuple[int, int]:
    """Where a run has planted, and where it has removed."""
    after = [number for number, name in enumerate(boundaries) if name.startswith("after commit")]
    return after[0], after[-1]


def nothing_is_written(staging: Staging) -> bool:
    """Whether tenants and their terms are all there is."""
    return {row["table_name"] for row in staging.rows()} == {"tenants", "terms"}
