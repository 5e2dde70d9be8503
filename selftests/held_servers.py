"""Embedded servers held by programs of their own, which tests then end or kill.

A program holds its server until it is told on its input how to end. Ends are awaited on pidfds
and pipes, so nothing is polled.
"""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from fixtures.server import EmbeddedServer

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 20
NOWHERE = Path("/nowhere")
OUTSIDE_MEMORY = f"""
import pathlib, fixtures.server
fixtures.server.MEMORY = pathlib.Path({str(NOWHERE)!r})
"""
HOLD_A_SERVER = """
import os, sys
from fixtures.server import run_server
try:
    with run_server() as server:
        print(server.host, flush=True)
        exec(sys.stdin.read())
finally:
    try:
        print("left a child:", os.waitpid(-1, os.WNOHANG))
    except ChildProcessError:
        print("left no child")
"""


@dataclass(frozen=True)
class Held:
    """A server that a program holds: its folder, its pid with a pidfd, its SysV segments."""

    program: subprocess.Popen[str]
    folder: Path
    pid: int
    pidfd: int
    segments: frozenset[str]

    def answers(self) -> bool:
        """Tell whether it takes a connection and says who it is."""
        with psycopg.connect(self.conninfo) as connection:
            return connection.info.server_version > 0

    @property
    def conninfo(self) -> str:
        """How to connect to it."""
        return EmbeddedServer(host=str(self.folder)).conninfo("postgres")

    def finish(self, how: str = "") -> str:
        """Have the program end in the given way; return its last words."""
        last_words, _ = self.program.communicate(how, timeout=PATIENCE_SECONDS)
        return last_words

    def demand_gone(self) -> None:
        """Fail unless the server ends soon, with every process and segment of it."""
        ends = select.poll()
        ends.register(self.pidfd, select.POLLIN)
        assert ends.poll(PATIENCE_SECONDS * 1000), f"server {self.pid} should have ended"
        assert _processes_in(self.folder) == []
        assert not self.segments & _segments_of_all()


@contextmanager
def starting(setup: str = "", **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a program that holds a server; should the test fail first, kill it."""
    with subprocess.Popen(
        [sys.executable, "-c", setup + HOLD_A_SERVER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    ) as program:
        try:
            yield program
        finally:
            program.kill()


@contextmanager
def held_by(program: subprocess.Popen[str]) -> Iterator[Held]:
    """Wait for the server of a program; let it finish, unless that has ended already."""
    assert program.stdout is not None
    folder = Path(program.stdout.readline().rstrip("\n"))
    assert folder.name, "the program should have said where its server is"
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    pidfd = os.pidfd_open(pid)
    held = Held(program, folder, pid, pidfd, _segments_of(pid))
    try:
        yield held
        if program.poll() is None:
            held.finish()
    finally:
        os.close(pidfd)


@contextmanager
def holding(setup: str = "", **options: Any) -> Iterator[Held]:
    """Start a program and wait for its server."""
    with starting(setup, **options) as program, held_by(program) as held:
        yield held


def _processes_in(folder: Path) -> list[int]:
    """List the processes that work in a server's folder."""
    pids = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            working_folder = link.readlink()
        except OSError:  # ended meanwhile, or another user's
            continue
        if working_folder.is_relative_to(folder):
            pids.append(int(link.parent.name))
    return pids


def _segments_of(pid: int) -> frozenset[str]:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return frozenset(line.split()[4] for line in lines if "/SYSV" in line)


def _segments_of_all() -> set[str]:
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {line.split()[1] for line in lines}
