"""Step 1 beside plain psql and pgTAP on the same read-only questions: ``tox -e bench -- --peers``.

Whole processes, from their start to their end, with the server's work for them. Processor time is
told beside seconds: it is much the same on a busy machine. What the machine has not is said.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from fixtures.server import run_server
from oracle.generated import PERIOD
from platforms import adapters
from platforms.relations.composing import load
from platforms.statements import Tables
from selftests.bench import REPEATS, prepare_tenant, run_gate
from selftests.queries_bench import bench
from selftests.spending import postmaster_of, spent_in_all

SIZES = (3, 10_000, 1_000_000)
ASKED = Path(__file__).parent / "sql"
INSTALLED = Path("/usr/share/postgresql")


class Took(NamedTuple):
    """What a process took, in seconds, and in those of the processor, the server's included."""

    wall: float
    cpu: float


def main() -> None:
    """Print how long each took, as a multiple of pgTAP, or else of psql."""
    psql, pgtap = shutil.which("psql"), pgtap_script()
    if psql is None:
        print("peers: this machine has no psql, and nothing to compare with")
        return
    if pgtap is None:
        print("peers: this machine has no pgTAP: postgresql-15-pgtap, say, is Debian's package")
    for size in SIZES:
        compare(size, psql, pgtap)


def pgtap_script() -> Path | None:
    """Return the file that makes the newest pgTAP of this machine."""
    made = re.compile(r"pgtap--\d+(\.\d+)*\.sql")
    found = sorted(INSTALLED.glob("*/extension/pgtap--*.sql"))
    return next((path for path in reversed(found) if made.fullmatch(path.name)), None)


def compare(size: int, psql: str, pgtap: Path | None) -> None:
    """Ask about a tenant of so many events."""
    with run_server() as server:
        database = server.conninfo("postgres")
        with psycopg.connect(database, autocommit=True) as connection:
            adapters.prepare_reference(connection)
            tables = Tables(connection, load(connection, adapters.reference()).statements)
            tenant_id = str(prepare_tenant(tables, size))
            if pgtap is not None:
                install(connection, pgtap)
        postmaster = postmaster_of(server)

        def measured(act: Callable[[], object]) -> Took:
            told = [_measure(act, postmaster) for _ in range(REPEATS)]
            return Took(median(one.wall for one in told), median(one.cpu for one in told))

        took = {"psql": measured(lambda: ask(psql, database, "peers.psql", tenant_id))}
        if pgtap is not None:
            took["pgTAP"] = measured(lambda: ask(psql, database, "peers.pgtap", tenant_id))
        step_1 = ("-m", "p9a and step1", f"--tenant={tenant_id}")
        took["step 1"] = measured(lambda: run_gate(*step_1, database=database))
    _tell(size, took)


def _measure(act: Callable[[], object], postmaster: int) -> Took:
    began, spent = perf_counter(), spent_in_all(postmaster)
    act()
    return Took(perf_counter() - began, spent_in_all(postmaster) - spent)


def _tell(size: int, took: Mapping[str, Took]) -> None:
    by = "pgTAP" if "pgTAP" in took else "psql"
    told = ", ".join(f"{who} {one.wall:.2f} s ({one.cpu:.2f} CPU s)" for who, one in took.items())
    wall, cpu = (mine / its for mine, its in zip(took["step 1"], took[by], strict=True))
    print(f"{size:>9,} events: {told}; step 1 is {wall:.1f} x {by} ({cpu:.1f} x)", flush=True)


def install(connection: Connection[Any], pgtap: Path) -> None:
    """Make pgTAP's functions, without its package being this server's."""
    bench.make_room_for_pgtap(connection)
    connection.execute(pgtap.read_bytes())


def ask(psql: str, database: str, questions: str, tenant_id: str) -> None:
    """Have psql ask, and everything be well."""
    told = conninfo_to_dict(database)
    environment = {"PGOPTIONS": "-c search_path=pgtap,public", "PATH": "/usr/bin:/bin"}
    values = {"tenant": tenant_id, "starts": PERIOD.start, "ends": PERIOD.end}
    command = [
        *(psql, "--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1"),
        *(f"--set={name}={value}" for name, value in values.items()),
        *(f"--host={told['host']}", f"--port={told['port']}", f"--username={told['user']}"),
        *(f"--dbname={told['dbname']}", f"--file={ASKED / questions}"),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or "not ok" in done.stdout:
        raise SystemExit(f"the figures mean nothing: {done.stdout}{done.stderr}")
