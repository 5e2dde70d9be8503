"""Trying mutants is bounded, and tells what was tried however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from selftests.gate import PROJECT

# Notes how it was called; where there is a pipe, says that it runs, and does not end.
MUTMUT = """#!/bin/sh
case $1 in
run)
    echo "$@" >> calls
    if [ -e pipe ]; then echo runs > pipe; exec sleep 60; fi ;;
results) cat told ;;
esac
"""
MAIN = """
import sys
from pathlib import Path
from selftests import mutants
mutants.MUTMUT = Path("mutmut").absolute()
sys.exit(mutants.main())
"""
TABLE = """
| module | mutants | tried | killed |
|---|---|---|---|
| `a/b.py` | 20 | 20 | {killed} |
| `a/c.py` | 1 | 0 | 0 |
| together | 21 | 20 | {killed}, {share} % |
"""


@pytest.fixture
def tried(tmp_path: Path) -> Path:
    """A folder with a mutmut that has tried twenty mutants, and killed all of them but two."""
    (tmp_path / "mutmut").write_text(MUTMUT)
    (tmp_path / "mutmut").chmod(0o755)
    tell(tmp_path, "survived", "survived")
    return tmp_path


def tell(folder: Path, *otherwise: str) -> None:
    """Have mutmut tell these statuses, and of the other mutants that they were killed."""
    statuses = [*otherwise, *["killed"] * (20 - len(otherwise))]
    told = [f"    a.b.x_it__mutmut_{n}: {status}\n" for n, status in enumerate(statuses, 1)]
    (folder / "told").write_text("".join([*told, "    a.c.x_it__mutmut_1: not checked\n"]))


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MAIN, *arguments]
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)


def end(running: subprocess.Popen[str]) -> tuple[int, str]:
    with running:
        out, _ = running.communicate(timeout=30)
        return running.returncode, out


@pytest.mark.parametrize(
    ("otherwise", "code", "share"),
    [(["survived", "no tests"], 1, "90.0"), (["segfault"], 0, "95.0")],
)
def test_it_ends_with_who_survived_and_the_table(
    tried: Path, otherwise: list[str], code: int, share: str
) -> None:
    tell(tried, *otherwise)
    lines = [f"a.b.x_it__mutmut_{n}: {status}\n" for n, status in enumerate(otherwise, 1)]
    table = TABLE.format(killed=20 - len(otherwise), share=share)
    assert end(start(tried, "a.*")) == (code, "".join(lines) + table)
    assert (tried / "calls").read_text() == "run a.*\n"


def test_what_ended_by_timeout_is_tried_again_by_itself_and_named(tried: Path) -> None:
    tell(tried, "timeout")
    out = f"a.b.x_it__mutmut_1: timeout\n{TABLE.format(killed=20, share='100.0')}"
    assert end(start(tried)) == (0, out)
    assert (tried / "calls").read_text() == "run\nrun --max-children=1 a.b.x_it__mutmut_1\n"


def test_nothing_tried_is_an_error(tried: Path) -> None:
    (tried / "told").write_text("    a.c.x_it__mutmut_1: not checked\n")
    code, out = end(start(tried))
    assert (code, out.splitlines()[-1]) == (1, "| together | 1 | 0 | 0, 0.0 % |")


def test_when_the_time_is_up_it_tells_what_was_tried(tried: Path) -> None:
    os.mkfifo(tried / "pipe")
    tell(tried)
    code, out = end(start(tried, "--minutes=0"))
    told = "the time is up: this is what was tried by then\n"
    assert (code, out) == (0, told + TABLE.format(killed=20, share="100.0"))


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM, signal.SIGINT]])
def test_an_interrupted_run_tells_what_was_tried(tried: Path, signals: list[int]) -> None:
    os.mkfifo(tried / "pipe")
    tell(tried)
    running = start(tried)
    assert (tried / "pipe").read_text() == "runs\n"
    for number in signals:
        running.send_signal(number)
    told = "interrupted: this is what was tried by then\n"
    assert end(running) == (1, told + TABLE.format(killed=20, share="100.0"))
