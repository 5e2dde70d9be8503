"""Processor time of processes: it is much the same on a busy machine."""

import os
import resource
from pathlib import Path
from time import process_time

from fixtures.server import EmbeddedServer

TICKS = os.sysconf("SC_CLK_TCK")


def postmaster_of(server: EmbeddedServer) -> int:
    """Return the id of a server's first process."""
    return int(Path(server.host, "data", "postmaster.pid").read_text().split()[0])


def spent_in_all(postmaster: int) -> float:
    """Return the CPU seconds of this process, of those it started and has ended, and a server's."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + ended.ru_utime + ended.ru_stime + spent_by_tree(postmaster)


def spent(pid: int | None, *, children: bool = False) -> float:
    """Return the CPU seconds of a process so far, with those of its dead children if asked."""
    if pid is None:
        return 0.0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended meanwhile, and is among its parent's dead
    return sum(map(int, fields[11 : 15 if children else 13])) / TICKS


def spent_by_tree(postmaster: int) -> float:
    """Return the CPU seconds of a server and its sessions, those that have ended included."""
    alive = sum(spent(pid) for pid in children_of(postmaster))
    return alive + spent(postmaster, children=True)


def children_of(parent: int) -> list[int]:
    """Name the processes that a process has started, and that are there."""
    tasks = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(pid) for pid in tasks.split()]
