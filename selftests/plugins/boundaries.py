"""Does something to the run at a boundary: before or after a commit or a call of the platform.

``P9A_TEST_BOUNDARY`` is the boundary's number or its name, which the first of that name has, or
empty. ``P9A_TEST_ACT`` is what is done there: a signal's name, or a named pipe that is waited for
until somebody has written to it. Every boundary that is passed is written to the file
``P9A_TEST_BOUNDARIES``, a line each; who waits, and its parent, to one beside it.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from platforms.http.wire import Answer, Request, Wire
from platforms.reference.adapter import Adapter


class Boundaries:
    """Counts boundaries, and acts at one of them."""

    def __init__(self, log: Path, chosen: str, act: Callable[[], None]) -> None:
        self._log = log
        self._chosen = chosen
        self._act = act
        self._lock = Lock()  # calls at the same moment pass one after the other
        self._passed = 0
        self._commits = 0

    def reach(self, name: str) -> None:
        """Note the boundary, and act if it is the one."""
        with self._lock:
            self._passed += 1
            with self._log.open("a") as log:
                log.write(f"{name}\n")
            if self._chosen in (name, str(self._passed)):
                self._chosen = ""
                self._act()

    def around_commits(self, transaction: Any) -> Any:
        """Return ``Connection.transaction`` with a boundary before and after what it commits."""

        @contextmanager
        def bounded(self_: psycopg.Connection[Any], *args: Any, **more: Any) -> Iterator[Any]:
            outermost = self_.info.transaction_status is TransactionStatus.IDLE
            undone = more.get("force_rollback", False)
            kept = outermost and not self_.read_only and not undone
            done = False
            with transaction(self_, *args, **more) as opened:
                yield opened
                done = kept
                if done:
                    self._commits += 1
                    self.reach(f"before commit {self._commits}")
            if done:
                self.reach(f"after commit {self._commits}")

        return bounded

    def around_requests(self, send: Any) -> Any:
        """Return ``Wire.send`` with a boundary before and after it."""

        def bounded(self_: Wire, request: Request) -> Answer:
            call = request.path.rpartition("/")[2] or request.verb
            self.reach(f"before the call {call}")
            answer: Answer = send(self_, request)
            self.reach(f"after the call {call}")
            return answer

        return bounded

    def around(self, call: Any) -> Any:
        """Return a method of the platform in process with a boundary before and after it."""

        def bounded(*args: Any, **more: Any) -> Any:
            self.reach(f"before the call {call.__name__}")
            answer = call(*args, **more)
            self.reach(f"after the call {call.__name__}")
            return answer

        return bounded


def _act(words: str, log: Path) -> Callable[[], None]:
    if words.startswith("SIG"):
        return lambda: os.kill(os.getpid(), signal.Signals[words])

    def wait() -> None:
        log.with_suffix(".pids").write_text(f"{os.getpid()} {os.getppid()}")
        Path(words).read_bytes()

    return wait


def pytest_configure(config: pytest.Config) -> None:
    """Put the boundaries around what they bound."""
    log = Path(os.environ["P9A_TEST_BOUNDARIES"])
    act = _act(os.environ.get("P9A_TEST_ACT", "SIGKILL"), log)
    boundaries = Boundaries(log, os.environ.get("P9A_TEST_BOUNDARY", ""), act)
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    transaction = boundaries.around_commits(psycopg.Connection.transaction)
    patch.setattr(psycopg.Connection, "transaction", transaction)
    patch.setattr(Wire, "send", boundaries.around_requests(Wire.send))
    for name in ("preview", "generate_draft", "cancel", "issue", "mark_paid"):
        call = getattr(Adapter, name)
        patch.setattr(Adapter, name, boundaries.around(call))
