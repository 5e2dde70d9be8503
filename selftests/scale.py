"""What a tenant costs whom, in CPU seconds: the measured parts of docs/scale.md.

``python -m selftests.scale [FEW MANY]`` judges two fleets over HTTP and in process, of tenants with
a hundred events each, and prints what each tenant more costs the gate, the platform's server and
the database: processor time of the processes, which is the same on a busy machine. Then it
collects the tests of ten times as many, merges shards of made-up records of them, and lists and
splits a million.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import process_time
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from fixtures.server import EmbeddedServer, run_server
from platforms import adapters
from platforms.relations.composing import load
from platforms.statements import Tables
from reports.files import RECORD, write_folder
from runbook.shards import split
from selftests.bench import prepare_tenant
from selftests.gate import FEBRUARY, PROJECT, environment
from selftests.queries_bench import bench
from selftests.server import TOKEN, serving
from selftests.spending import postmaster_of, spent, spent_by_tree
from selftests.test_merge import part

EVENTS, SHARDS, MILLION = 100, 4, 1_000_000
WHO = ("gate", "API", "database")


def main() -> None:
    """Print each part, as what a tenant more costs."""
    few, many = map(int, sys.argv[1:3] or ("20", "60"))
    for over_http in (True, False):
        costs = {size: fleet(size, over_http=over_http) for size in (few, many)}
        told = (per_tenant(costs, who) for who in WHO)
        print(
            f"{'over HTTP' if over_http else 'in process'}: CPU ms a tenant: "
            + ", ".join(f"{who} {1000 * each:.0f}" for who, each in zip(WHO, told, strict=True))
            + f"; a run itself: gate {costs[few]['gate'] - few * per_tenant(costs, 'gate'):.1f} s"
            + f"; evidence {per_tenant(costs, 'bytes') / 1024:.1f} KiB a tenant",
            flush=True,
        )
    first, last = collect(few * 10), collect(many * 10)
    more = (many - few) * 10
    print(
        f"collection: {1000 * (last[0] - first[0]) / more:.1f} CPU ms and "
        f"{1024 * (last[1] - first[1]) / more:.0f} KiB a tenant, in each process of a run"
    )
    for size in (few * 10, many * 10):
        seconds, peak, written = merge(size)
        print(
            f"merge of {SHARDS} shards, {size} tenants: {1000 * seconds / size:.1f} CPU ms a "
            f"tenant, peak {peak:.0f} MB, {written / size / 1024:.1f} KiB a tenant"
        )
    listing()


def listing() -> None:
    """Print what it takes to ask for a million tenants, and to split them."""
    with run_server() as server:
        conninfo = server.conninfo("postgres")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            adapters.prepare_reference(connection)
            bench.fill_tenants(connection, tenant_count=MILLION)
            tables = Tables(connection, load(connection, adapters.reference()).statements)
            backend, began = connection.info.backend_pid, process_time()
            before = spent(backend)
            ids = [row["id"] for row in tables.rows("active_tenants", active=["active"])]
            database, gate = spent(backend) - before, process_time() - began
    began = process_time()
    sizes = sorted(map(len, split(ids, 1024)))
    print(
        f"{len(ids):,} tenants listed: gate {gate:.1f}, database {database:.1f} CPU s; split: "
        f"{process_time() - began:.1f} CPU s, into 1,024 shards of {sizes[0]} to {sizes[-1]}"
    )


def collect(size: int) -> tuple[float, float]:
    """Have so many tenants' tests collected; return CPU seconds, and the peak in MB."""
    tenants = [f"--tenant={uuid4()}" for _ in range(size)]
    usage = ran(
        ["pytest", "-q", "-p", "no:randomly", "-m", "p9a", "--collect-only", *tenants],
        {"DATABASE_URL": "postgresql://operator@127.0.0.1:1/staging"},
    )
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def per_tenant(costs: Mapping[int, Mapping[str, float]], who: str) -> float:
    """What each tenant more costs."""
    (few, first), (many, last) = sorted(costs.items())
    return (last[who] - first[who]) / (many - few)


def fleet(size: int, *, over_http: bool) -> dict[str, float]:
    """Judge so many tenants; return CPU seconds by who spent them, and bytes of evidence."""
    with run_server() as server:
        conninfo = server.conninfo("postgres")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            adapters.prepare_reference(connection)
            relations = load(connection, adapters.reference())
            tables = Tables(connection, relations.statements)
            for _ in range(size):
                prepare_tenant(tables, EVENTS)
        if not over_http:
            return judged(server, conninfo, {}, None)
        with serving(conninfo) as api:
            env = {"BILLING_API_URL": api.url, "BILLING_API_TOKEN": TOKEN}
            return judged(server, conninfo, env, api.process.pid)


def judged(
    server: EmbeddedServer, conninfo: str, env: Mapping[str, str], api: int | None
) -> dict[str, float]:
    """Run the gate on all tenants, and return what it cost."""
    postmaster = postmaster_of(server)
    before = {"API": spent(api), "database": spent_by_tree(postmaster)}
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        ran(
            [
                "pytest",
                "-q",
                "-p",
                "no:randomly",
                "-m",
                "p9a",
                "--tenant=all",
                *FEBRUARY,
                f"--evidence-dir={folder}",
            ],
            {"DATABASE_URL": make_conninfo(conninfo, user="postgres"), **env},
        )
        written = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    gate = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    return {
        "gate": gate,
        "API": spent(api) - before["API"],
        "database": spent_by_tree(postmaster) - before["database"],
        "bytes": float(written),
    }


def ran(arguments: list[str], env: Mapping[str, str]) -> resource.struct_rusage:
    """Run ``python -m ...``, which must end well; return what it used."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env=environment(env),
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"the figures mean nothing: {arguments[:2]} did not end well")
    return usage


def merge(size: int) -> tuple[float, float, int]:
    """Merge shards of so many tenants; return CPU seconds, the peak in MB, and bytes written."""
    everybody = [str(uuid4()) for _ in range(size)]
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / str(number) for number in range(1, SHARDS + 1)]
        for number, folder in enumerate(folders, 1):
            write_folder(part(number, SHARDS, everybody), folder)
        into = Path(place) / "all"
        usage = ran(["reports", "merge", *map(str, folders), f"--into={into}"], {})
        written = (into / RECORD).stat().st_size
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, written


if __name__ == "__main__":
    main()
