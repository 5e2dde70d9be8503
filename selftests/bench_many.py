"""What the gate and the server need for one tenant of very many events: part of ``tox -e bench``.

The events lie on disk, so that the memory of the server is its own. What each process holds for
itself is looked at while steps 1 and 2 are judged by a real run of the gate.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from unittest.mock import patch

import psycopg

import fixtures.server
from fixtures.server import run_server
from platforms import adapters
from platforms.relations.composing import load
from platforms.statements import Tables
from selftests.bench import RATE, prepare_tenant
from selftests.gate import FEBRUARY, PROJECT, environment
from selftests.queries_bench import bench
from selftests.spending import children_of, postmaster_of

KIB = 1024
PATIENCE = 3600  # seconds for a statement
LOOKS = 0.5  # seconds between two looks at memory


@dataclass
class Peaks:
    """The most that processes held for themselves, in MB: the gate's, and one of the server's."""

    gate: float = 0
    server: float = 0
    ended: Event = field(default_factory=Event)

    def look(self, gate: int, postmaster: int) -> None:
        """Look until it has ended, now and then."""
        while not self.ended.wait(LOOKS):
            children = children_of(postmaster)
            self.gate = max(self.gate, _own_mb(gate))
            self.server = max([self.server, *map(_own_mb, children)])


def _own_mb(pid: int) -> float:
    """Return the memory that is a process's own; nothing where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    told = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
    return sum(map(int, told)) / KIB


def bench_many(size: int) -> None:
    """Judge a tenant of ``size`` events, and print how long that took and what it needed."""
    with _on_disk(), run_server() as server:
        database = server.conninfo("postgres")
        with psycopg.connect(database, autocommit=True) as connection:
            adapters.prepare_reference(connection)
            relations = load(connection, adapters.reference())
            begun = perf_counter()
            tenant_id = prepare_tenant(Tables(connection, relations.statements), size)
            print(f"{size:,} events written in {perf_counter() - begun:.0f} s", flush=True)
            begun = perf_counter()
            bench.plain_sum(connection, tenant_id=tenant_id, rate=RATE)
            plain = perf_counter() - begun
            postmaster = postmaster_of(server)
            seconds, peaks, verdict = _run(database, str(tenant_id), postmaster)
    print(f"plain SUM {plain:.1f} s, a run of the gate {seconds:.0f} s: {seconds / plain:.1f}")
    print(f"peak of the gate {peaks.gate:.0f} MB, of a process of the server {peaks.server:.0f} MB")
    print(verdict)


@contextmanager
def _on_disk() -> Iterator[None]:
    with patch.object(fixtures.server, "MEMORY", Path("/nowhere")):
        yield


def _run(database: str, tenant_id: str, postmaster: int) -> tuple[float, Peaks, str]:
    """Run steps 1 and 2; return the seconds, the peaks, and what the gate said last."""
    peaks = Peaks()
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "-m", "p9a and (step1 or step2)", "-q"),
                *(f"--tenant={tenant_id}", f"--evidence-dir={folder}", *FEBRUARY),
                *("-p", "no:randomly", f"--statement-timeout={PATIENCE}"),
            ],
            cwd=PROJECT,
            env=environment({"DATABASE_URL": database}),
            stdout=subprocess.PIPE,
            text=True,
        )
        looking = Thread(target=peaks.look, args=(process.pid, postmaster))
        looking.start()
        told, _ = process.communicate()
        peaks.ended.set()
        looking.join()
    return perf_counter() - begun, peaks, told.strip().splitlines()[-1]
