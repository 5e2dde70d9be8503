"""Runs of the gate that need not load the libraries anew each time: six hundred of them add up.

A server process has imported the libraries and nothing of the project, and forks for each run. A
run is a process like any other, with its own environment and output, and can be killed like any.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

LIBRARIES = [
    "aiosql",
    "factory",
    "httpx",
    "hypothesis.strategies",
    "iso4217",
    "jinja2",
    "jsonschema_rs",
    "psycopg",
    "pydantic",
    "pytest",
    "pytest_postgresql.factories",
    "xdist.plugin",
]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(LIBRARIES)


class Ended(NamedTuple):
    """How a process ended: its exit code, or the signal that ended it, negated."""

    code: int
    out: str
    err: str


def run_module(
    module: str, arguments: list[str], folder: Path, environment: Mapping[str, str], seconds: int
) -> Ended:
    """Run ``python -m module`` in a folder; it is killed if it lasts too long."""
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        run = _CONTEXT.Process(
            target=_become, args=(module, arguments, folder, dict(environment), out, err)
        )
        run.start()
        run.join(seconds)
        if run.exitcode is None:
            run.kill()
            run.join()
        assert run.exitcode is not None
        return Ended(run.exitcode, out.read_text(), err.read_text())


def run_cold(
    module: str, arguments: list[str], folder: Path, environment: Mapping[str, str], seconds: int
) -> Ended:
    """Do the same in a process that begins at the very beginning."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def _become(
    module: str,
    arguments: list[str],
    folder: Path,
    environment: dict[str, str],
    out: Path,
    err: Path,
) -> None:
    for path, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.path[0] = str(folder)
    sys.argv[:] = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
