"""Processes that need not load the libraries anew each time: nine hundred of them add up.

A forking process has imported the libraries, pytest's plugins among them, and of the project what
is the same in every run: no plugin, no option, no connection. What it forks, a run of the gate or
a server of the admin API, is a process like any other, with its own environment and output, and
can be killed like any.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LIBRARIES = [
    "aiosql",
    "django.contrib.postgres.operations",
    "django.core.asgi",
    "django.core.management.commands.migrate",
    "django.db.backends.postgresql.base",
    "django.test.signals",
    "execnet",
    "factory",
    "fastapi.openapi.utils",
    "fastapi_offline",
    "httpcore",
    "httpx",
    "hypothesis.strategies",
    "iso4217",
    "jmespath.functions",
    "jinja2",
    "jsonschema_rs",
    "pdb",
    "psycopg_pool",
    "pydantic",
    "pytest",
    "pytest_randomly",
    "structlog",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.h11_impl",
    "xdist.looponfail",
    "xdist.plugin",
]
PROJECT = [
    "billing.api.server",
    "oracle.generated",
    "oracle.power",
    "oracle.traps",
    "platforms.adapters",
    "platforms.http",
    "platforms.relations.composing",
    "reports.assembly",
    "reports.files",
    "reports.html",
    "reports.terminal",
    "selftests.preloaded",
]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([*LIBRARIES, *PROJECT])


class Ended(NamedTuple):
    """How a process ended: its exit code, or the signal that ended it, negated."""

    code: int
    out: str
    err: str


class Warm:
    """``python -m module`` in a process that has its libraries already; it is used like a Popen.

    What it prints goes to the file ``out``, which may be a FIFO, and to ``err``.
    """

    def __init__(
        self,
        module: str,
        arguments: list[str],
        folder: Path,
        environment: Mapping[str, str],
        out: Path,
        err: Path,
    ) -> None:
        self._process = _CONTEXT.Process(
            target=_become, args=(module, arguments, folder, dict(environment), out, err)
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or the signal that ended it, negated; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and bring it about if it does not come in time."""
        self._process.join(timeout)
        self.kill()
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        self.send_signal(signal.SIGKILL)


def run_module(
    module: str, arguments: list[str], folder: Path, environment: Mapping[str, str], seconds: int
) -> Ended:
    """Run ``python -m module`` in a folder; it is killed if it lasts too long."""
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        code = Warm(module, arguments, folder, environment, out, err).wait(seconds)
        return Ended(code, out.read_text(), err.read_text())


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
