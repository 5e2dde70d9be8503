"""What grows with history, with a fleet and with its evidence: part of ``tox -e bench``."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from time import perf_counter, process_time
from uuid import uuid4

import psycopg

from fixtures.server import run_server
from platforms import adapters
from platforms.relations.composing import load
from platforms.statements import Tables
from reports.files import RECORD, write_folder
from selftests.bench import prepare_tenant, run_gate
from selftests.queries_bench import bench
from selftests.server import TOKEN, serving
from selftests.spending import postmaster_of, spent_in_all
from selftests.test_merge import part

HISTORY = 300_000
FLEET = 200
EVENTS = 1_000  # of each tenant
TENTHS = 10
TENANTS = (250, 1_000)
MB = 1024**2


@contextmanager
def fleet(tenants: int, events: int) -> Iterator[tuple[str, int]]:
    """Make a database of so many tenants; yield how to connect to it, and its first process."""
    with run_server() as server:
        database = server.conninfo("postgres")
        with psycopg.connect(database, autocommit=True) as connection:
            adapters.prepare_reference(connection)
            tables = Tables(connection, load(connection, adapters.reference()).statements)
            for _ in range(tenants):
                prepare_tenant(tables, events)
        yield database, postmaster_of(server)


def bench_history() -> None:
    """Print what 300,000 events that are billed already add to step 4 in process."""
    took = {}
    for events in (HISTORY // 1000, HISTORY):
        with fleet(1, events) as (database, postmaster):
            with psycopg.connect(database, autocommit=True) as connection:
                bench.into_the_past(connection)
                bench.flush(connection)
                bench.analyse(connection)
            lifecycle = ("-m", "p9a and step4", "--tenant=all", "--lifecycle")
            began = spent_in_all(postmaster)
            run_gate(*lifecycle, database=database)
            took[events] = spent_in_all(postmaster) - began
    few, many = took.values()
    print(
        f"step 4 in process beside {HISTORY:,} older events: {many:.1f} CPU s, "
        f"beside {HISTORY // 1000} {few:.1f}: {(many - few) / many:.0%} of the run is theirs",
        flush=True,
    )


def bench_fleet_over_http() -> None:
    """Print what the last tenants of a fleet take, as a multiple of the first."""
    with fleet(FLEET, 0) as (database, _), serving(database, cold=True) as api:
        env = {"BILLING_API_URL": api.url, "BILLING_API_TOKEN": TOKEN}
        took = seconds_of_tenants(database, env)
    tenth = len(took) // TENTHS
    first, last = mean(took[:tenth]), mean(took[-tenth:])
    print(
        f"fleet of {FLEET} over HTTP: {first:.2f} s a tenant in the first tenth, {last:.2f} in "
        f"the last: {last / first:.2f}",
        flush=True,
    )


def seconds_of_tenants(database: str, env: Mapping[str, str]) -> list[float]:
    """Judge every tenant, one after the other; return the seconds of each, in that order."""
    with tempfile.TemporaryDirectory() as folder:
        run_gate("--tenant=all", database=database, env=env, folder=folder)
        told = json.loads((Path(folder) / RECORD).read_text())["tenants"]
    began = [min(span["started_at"] for span in one["timeline"]) for one in told]
    took = [sum(span["seconds"] for span in one["timeline"]) for one in told]
    return [seconds for _, seconds in sorted(zip(began, took, strict=True))]


def bench_fleet_in_process() -> None:
    """Print how many tenants a second two workers judge."""
    with fleet(FLEET, EVENTS) as (database, _):
        seconds, _ = run_gate("--tenant=all", "-n", "2", database=database)
    print(
        f"fleet of {FLEET}, {EVENTS:,} events each, in process, -n 2: {seconds:.0f} s, "
        f"{FLEET / seconds:.1f} tenants a second",
        flush=True,
    )


def bench_evidence() -> None:
    """Print what evidence of many tenants takes, and how that grows."""
    told = {}
    for tenants in TENANTS:
        evidence = part(1, 1, [str(uuid4()) for _ in range(tenants)])
        with tempfile.TemporaryDirectory() as folder:
            begun, worked = perf_counter(), process_time()
            write_folder(evidence, Path(folder) / "it")
            told[tenants] = perf_counter() - begun, process_time() - worked
            page = (Path(folder) / "it" / "report.html").stat().st_size / MB
        seconds, cpu = told[tenants]
        print(f"evidence of {tenants:,}: {seconds:.1f} s ({cpu:.1f} CPU s), page {page:.1f} MB")
    (_, few), (_, many) = told.values()
    growth = many / few / (TENANTS[1] / TENANTS[0])
    print(f"evidence of a tenant among {TENANTS[1]:,}, of one among {TENANTS[0]}: {growth:.2f}")
