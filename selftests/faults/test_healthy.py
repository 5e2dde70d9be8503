"""The companion of the catalogue: a thousand healthy tenants, none of whom is refused.

Goal: the gate cries at no one who is well. Method: Hypothesis generates tenants, a hundred a fleet,
with the edges of money, time and selection that check M.1 looks for, beside neighbours with
invoices, terms and leftovers of their own; one run of the gate judges a fleet. Where nothing lies
in the period, seeds are planted. Machines stand in several time zones. Some databases have other
types than the reference platform's, or partitions; in some an audit log and an outbox are written
by design, and other sessions write all the time. Some fleets are judged over HTTP while events of
their own keep arriving.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from fixtures.scratch import write
from oracle.drawing import scenarios
from oracle.generated import FINDING_TYPES, Scenario, new_ids
from platforms.statements import Tables
from selftests.conftest import gate_on
from selftests.faults.queries import faults
from selftests.others import LEAVES, STATEMENTS, others_at_work
from selftests.reference import described_otherwise, writes_of
from selftests.server import TOKEN, serving
from selftests.staging import Staging
from selftests.test_types import alter_tables

SIZE = 100
ZONES = ("UTC", "Pacific/Kiritimati", "America/St_Johns", "Pacific/Pago_Pago", "Asia/Kathmandu")
IN_PROCESS, OVER_HTTP = range(8), range(8, 10)
# How a fleet's database differs from the reference platform's.
KINDS = (
    (),
    ("status_is_an_enum", "json_and_others"),
    ("partitions_of_three_months",),
    ("status_is_a_domain", "hashed_types", "created_by_a_trigger"),
)
PARTITIONED = 2  # of the kinds
SECONDS_BETWEEN_ARRIVALS = 0.2

Fleet = dict[UUID, Scenario]
Note = Callable[[str, object], None]


@pytest.fixture
def fleet(request: pytest.FixtureRequest, staging: Staging) -> Fleet:
    """A hundred tenants in one database; the fleet's number chooses both."""
    fleet: Fleet = {}
    if kind := KINDS[request.param % len(KINDS)]:
        alter_tables(staging, *kind)

    @seed(request.param)
    @settings(
        max_examples=SIZE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def add(scenario: Scenario) -> None:
        fleet[_write(staging, scenario)] = scenario

    add()
    faults.make_events_organic(staging.connection)
    return fleet


def _write(staging: Staging, scenario: Scenario) -> UUID:
    """Write a scenario, whose ids are always the same, under ids of its own."""
    own = replace(scenario, ids=new_ids())
    with staging.connection.transaction():
        write(writes_of(staging.connection), own)
    staging.event(UUID(own.ids.neighbour), key="dryrun-2026-02-p9a-1a2b3c4d-001")
    return UUID(own.tenant_id)


@contextmanager
def arriving(staging: Staging, fleet: Fleet) -> Iterator[list[UUID]]:
    """Let events arrive, one after the other, and yield whose they are."""
    arrived: list[UUID] = []
    done = Event()

    def arrive() -> None:
        with staging.elsewhere() as connection:
            beside = Staging(connection, staging.conninfo)
            for number, (tenant_id, scenario) in enumerate(fleet.items()):
                # Who has nothing in the period is judged on seeds in dollars.
                if scenario.currency == "USD" and not done.wait(SECONDS_BETWEEN_ARRIVALS):
                    beside.event(tenant_id, finding_type=FINDING_TYPES[number % 3])
                    arrived.append(tenant_id)

    thread = Thread(target=arrive)
    thread.start()
    try:
        yield arrived
    finally:
        done.set()
        thread.join()


def judge(
    staging: Staging, fleet: Fleet, folder: Path, number: int, note: Note, url: str = ""
) -> None:
    """Run the gate on the fleet and demand that every tenant of it is READY.

    Every other fleet has tables beside the judged ones, where others are at work.
    """
    zone = ZONES[number % len(ZONES)]
    api = {"BILLING_API_URL": url, "BILLING_API_TOKEN": TOKEN} if url else {}
    gate = gate_on(staging, folder, "gate" if url else "gate_in_process", api)
    first, *others = fleet
    options = ["--allow-total=zero,negative", *(f"--tenant={id}" for id in others)]
    with ExitStack() as stack:
        if number % 2:
            Tables(staging.connection, STATEMENTS).act("extras")
            leaves = described_otherwise(folder / "described", ("[lacks]", LEAVES))
            options.append(f"--platform={leaves}")
            stack.enter_context(others_at_work(staging, "what_strangers_do"))
        # A table that was made anew has lost what was granted on it.
        own = {"database": staging.conninfo} if number % len(KINDS) == PARTITIONED else {}
        outcome = gate(first, *options, **own, also={"TZ": zone, "PGTZ": zone})
    assert outcome.evidence is not None, outcome.out + outcome.err
    for tenant in outcome.evidence.tenants:
        wrong = [f"{r.id} {r.got} {r.detail}" for r in tenant.results if r.status == "failed"]
        assert tenant.verdict == "READY", f"{fleet[UUID(tenant.id)]}: {tenant.reason} {wrong}"
    assert (outcome.code, len(outcome.evidence.tenants)) == (0, SIZE), outcome.out
    note("healthy tenants that are READY", SIZE)


@pytest.mark.parametrize("fleet", IN_PROCESS, indirect=True)
def test_healthy_tenants_are_ready(
    fleet: Fleet,
    staging: Staging,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Note,
) -> None:
    before = staging.rows()
    number = request.node.callspec.params["fleet"]
    judge(staging, fleet, tmp_path, number, record_property)
    assert staging.rows() == before


@pytest.mark.parametrize("fleet", OVER_HTTP, indirect=True)
def test_healthy_tenants_are_ready_while_events_arrive(
    fleet: Fleet,
    staging: Staging,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Note,
) -> None:
    before = len(staging.rows())
    with serving(staging.conninfo) as server, arriving(staging, fleet) as arrived:
        number = request.node.callspec.params["fleet"]
        judge(staging, fleet, tmp_path, number, record_property, server.url)
    assert arrived
    assert len(staging.rows()) == before + len(arrived)
