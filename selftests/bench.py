"""What the gate costs, as ratios measured in one run: ``tox -e bench``.

First a warm rehearsal against the bare start of the embedded server. Then steps 1 and 2 on one
tenant with 10,000, 100,000 and 1,000,000 events against one plain SUM over the same rows, with
where the time goes and the peak memory of a real run of the gate on the same tenant. Then what
grows with history, with a fleet, and with its evidence. ``--peers`` compares step 1 with plain psql
and pgTAP instead, ``--events=20000000`` looks at memory with so many.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection

import acceptance.expecting
import fixtures.books
import oracle.expectation
from acceptance.opening import open_workspace
from acceptance.overlooked import act_overlooked
from acceptance.test_step1_dry_run import act_dry_run, judge_step_1
from acceptance.test_step2_execute import act_execution, judge_step_2
from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import find_tenant
from fixtures.rehearsal import rehearsal_database
from fixtures.server import EmbeddedServer, run_server
from fixtures.target import DEMO_TENANT_ID, SeedMode, Target
from oracle.generated import PERIOD
from platforms import adapters
from platforms.port import Platform
from platforms.relations.composing import Relations, load
from platforms.statements import Tables
from runbook.registry import OPTIONAL_CHECKS
from selftests.gate import FEBRUARY, PROJECT, environment
from selftests.queries_bench import bench
from selftests.spending import postmaster_of, spent_in_all

SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 3
RATE = Decimal("0.25")


@dataclass
class Clock:
    """Seconds spent in each named part."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Add the time of the block to a part."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - begun

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``call``, its time added to a part."""

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                return call(*args, **kwargs)

        return wrapper


def main() -> None:
    """Print every figure with the one that it is a multiple of."""
    from selftests import bench_fleets, bench_many, bench_peers  # noqa: PLC0415 - these need this

    asked = argparse.ArgumentParser(prog="tox -e bench --", description=__doc__)
    asked.add_argument("--peers", action="store_true", help="step 1 beside plain psql and pgTAP")
    asked.add_argument("--events", type=int, help="one tenant of so many events, and memory")
    told = asked.parse_args()
    if told.peers:
        bench_peers.main()
    if told.events:
        bench_many.bench_many(told.events)
    if told.peers or told.events:
        return
    bench_gate()
    bench_fleets.bench_history()
    bench_fleets.bench_fleet_over_http()
    bench_fleets.bench_fleet_in_process()
    bench_fleets.bench_evidence()


def bench_gate() -> None:
    """Print what a rehearsal, and steps 1 and 2, cost."""
    bench_rehearsal()
    print()
    print(
        f"{'events':>9} {'plain SUM':>10} {'steps 1+2':>10} {'ratio':>6} {'CPU':>6} "
        f"{'peak':>7}  where"
    )
    for size in SIZES:
        bench_steps(size)


def bench_rehearsal() -> None:
    """Compare a warm rehearsal with the same checks in process, and with the bare server."""
    run_gate()
    rehearsals, in_process, servers = [], [], []
    for _ in range(REPEATS):
        rehearsals.append(run_gate()[0])
        begun = perf_counter()
        with run_server() as server:
            servers.append(perf_counter() - begun)
            with rehearsal_database(server) as database:
                demo = f"--tenant={DEMO_TENANT_ID}"
                in_process.append(run_gate(demo, "--lifecycle", database=database)[0])
    server_alone = median(servers)
    rows = (
        ("initdb and start of the server", server_alone),
        ("rehearsal in process, warm", median(in_process) + server_alone),
        ("rehearsal over HTTP, warm", median(rehearsals)),
    )
    for name, seconds in rows:
        above = seconds - server_alone
        print(f"{name:<32}{seconds:>6.2f} s {above:>6.2f} s above {seconds / server_alone:>5.1f}")


def bench_steps(size: int) -> None:
    """Compare steps 1 and 2 on a tenant of ``size`` events with one plain SUM over its rows."""
    with run_server() as server, psycopg.connect(conninfo(server), autocommit=True) as connection:
        adapters.prepare_reference(connection)
        relations = load(connection, adapters.reference())
        tenant_id = prepare_tenant(Tables(connection, relations.statements), size)
        postmaster = postmaster_of(server)
        begun = spent_in_all(postmaster)
        plain = median(seconds_of_plain_sum(connection, tenant_id) for _ in range(REPEATS))
        between = spent_in_all(postmaster)
        runs = sorted(
            (time_steps(conninfo(server), relations, tenant_id) for _ in range(REPEATS)),
            key=lambda clock: clock.seconds["all"],
        )
        worked = (spent_in_all(postmaster) - between) / (between - begun)
        parts = runs[REPEATS // 2].seconds
        total = parts.pop("all")
        _, peak_mb = run_gate(f"--tenant={tenant_id}", database=conninfo(server))
    where = ", ".join(f"{name} {seconds:.2f}" for name, seconds in parts.items())
    rest = total - sum(parts.values())
    print(
        f"{size:>9,} {plain:>8.3f} s {total:>8.2f} s {total / plain:>6.1f} {worked:>6.1f} "
        f"{peak_mb:>4.0f} MB  "
        f"{where}, rest {rest:.2f}"
    )


def conninfo(server: EmbeddedServer) -> str:
    """Return how to connect to the benchmark's database."""
    return server.conninfo("postgres")


def prepare_tenant(tables: Tables, size: int) -> UUID:
    """Make a tenant whose terms change in mid-period, with ``size`` billable events."""
    tenant_id = uuid4()
    tables.act("scratch_tenant", tenant_id=tenant_id, name="Bench", slug=f"bench-{tenant_id}")
    tables.act(
        "scratch_terms",
        tenant_ids=[tenant_id] * 3,
        finding_types=[None, "DUPLICATE_CHARGE", "DUPLICATE_CHARGE"],
        currencies=["USD"] * 3,
        rates=[RATE, Decimal("0.3"), Decimal("0.275")],
        valid_froms=[date(2025, 1, 1), date(2025, 1, 1), date(2026, 2, 15)],
        valid_tos=[None, date(2026, 2, 15), None],
    )
    bench.fill(tables.connection, tenant_id=tenant_id, event_count=size)
    bench.flush(tables.connection)
    bench.analyse(tables.connection)
    return tenant_id


def seconds_of_plain_sum(connection: Connection[Any], tenant_id: UUID) -> float:
    """Time the plain look."""
    begun = perf_counter()
    bench.plain_sum(connection, tenant_id=tenant_id, rate=RATE)
    return perf_counter() - begun


def time_steps(database: str, relations: Relations, tenant_id: UUID) -> Clock:
    """Act steps 1 and 2 as the gate does, and time every part of them."""
    clock = Clock()
    target = Target(
        run="bench",
        conninfo=database,
        tenants=(str(tenant_id),),
        all_tenants=False,
        period=PERIOD,
        seed_mode=SeedMode.NEVER,
        expected_total=None,
        read_only=False,
        keep_draft=False,
        lock_timeout=10,
        api=None,
        lifecycle=False,
        described=relations.described,
        survey=relations.survey,
    )

    def make_platform(connection: Connection[Any]) -> Platform:
        platform = adapters.adapter(relations.described, connection, None, {})
        for name in ("preview", "generate_draft", "cancel"):
            setattr(platform, name, clock.timed(name, getattr(platform, name)))
        return platform

    fingerprint = clock.timed("books", fixtures.books.fingerprint)
    expect = clock.timed("oracle", oracle.expectation.expect)
    with (
        patch.object(fixtures.books, "fingerprint", fingerprint),
        patch.object(acceptance.expecting, "expect", expect),
        clock.part("all"),
        open_workspace(database, target, relations, str(tenant_id), make_platform) as workspace,
    ):
        seeding = Seeding((), (), "not needed")
        dry_run = act_dry_run(workspace, find_tenant(workspace), seeding)
        with clock.part("warnings"):
            act_overlooked(workspace)
        execution = act_execution(workspace, seeding, dry_run)
        findings = judge_step_1(dry_run) | judge_step_2(execution)
    broken = [id for id, one in findings.items() if not one.passed and id not in OPTIONAL_CHECKS]
    if broken:
        raise SystemExit(f"the figures mean nothing, these checks fail: {', '.join(broken)}")
    return clock


def run_gate(
    *arguments: str,
    database: str = "",
    env: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> tuple[float, float]:
    """Run the gate as a process; return its seconds of wall time and its peak in MB.

    The whole gate, where ``arguments`` select nothing; evidence is kept in a ``folder`` alone.
    """
    given = {"DATABASE_URL": database, **(env or {})} if database else {}
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "pytest", "-m", "p9a", "-q"]
        command += [f"--evidence-dir={folder or place}", "-p", "no:randomly", *FEBRUARY]
        with Path(place, "said").open("w+") as said:
            begun = perf_counter()
            process = subprocess.Popen(
                [*command, *(arguments or ("--rehearse",))],
                cwd=PROJECT,
                env=environment(given),
                stdout=said,
                stderr=said,
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = perf_counter() - begun
            said.seek(0)
            told = said.read().splitlines()[-20:]
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("\n".join([*told, "the figures mean nothing: the gate does not end well"]))
    return seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
