"""What is done once a run: one worker does it, and the others are told, whatever becomes of it."""

import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from fixtures.findings import Finding, failed
from fixtures.once import once
from platforms.obstacles import Aborted
from selftests.gate import PROJECT

WRONG = failed("draft: 3 events", "2 events", "a tenant", ("it took another's",))


class Act:
    """Something that is done, and that counts how often."""

    def __init__(self, *does: Callable[[], Any]) -> None:
        self._does = [*does]
        self.times = 0

    def __call__(self) -> Any:
        """Do what is next."""
        self.times += 1
        return self._does.pop(0)()


def fail(error: BaseException) -> Callable[[], Any]:
    """Return what fails in that way."""

    def failing() -> Any:
        raise error

    return failing


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A file that workers share."""
    path = tmp_path / "shared"
    path.touch()
    return path


def ignored(_: float) -> None:
    """Take no note of how long another was at it."""


def test_one_of_many_acts_and_all_are_told_the_same(shared: Path) -> None:
    act, together = Act(lambda: WRONG), Barrier(4)

    def worker() -> Finding:
        together.wait()
        found: Finding = once(shared, act, ignored)
        return found

    with ThreadPoolExecutor(4) as threads:
        told = [one.result() for one in [threads.submit(worker) for _ in range(4)]]
    assert (told, act.times) == ([WRONG] * 4, 1)


def test_nobody_goes_on_before_the_one_that_acts_has_ended(shared: Path) -> None:
    begun, end = Event(), Event()

    def slowly() -> Finding:
        begun.set()
        assert end.wait(10)
        return WRONG

    waits: list[float] = []
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(once, shared, slowly, ignored)
        assert begun.wait(10)
        with pytest.raises(ZeroDivisionError):  # it acted by itself once its patience was over
            once(shared, Act(lambda: 1 / 0), waits.append, patience=0.05)
        second = threads.submit(once, shared, Act(), waits.append)
        assert not second.done()
        end.set()
        assert first.result(10) == second.result(10) == WRONG
    assert waits[0] >= 0.05


def test_an_obstacle_is_told_to_all_and_met_once(shared: Path) -> None:
    act = Act(fail(Aborted("another session holds a lock that is needed")))
    for _ in range(2):
        with pytest.raises(Aborted, match="holds a lock"):
            once(shared, act, ignored)
    assert act.times == 1


def test_after_an_error_of_the_gates_own_the_next_acts(shared: Path) -> None:
    act = Act(fail(ZeroDivisionError()), fail(KeyboardInterrupt()), lambda: None)
    for error in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(error):
            once(shared, act, ignored)
    assert [once(shared, act, ignored) for _ in range(2)] == [None, None]
    assert act.times == 3


DIES = """
import os, signal, sys
from pathlib import Path
from fixtures.once import once
once(Path(sys.argv[1]), lambda: os.kill(os.getpid(), signal.SIGKILL), print)
"""


def test_one_that_dies_leaves_it_to_the_next(shared: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", DIES, shared], cwd=PROJECT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert once(shared, lambda: WRONG, ignored) == WRONG


def test_a_worker_on_another_machine_acts_for_itself(tmp_path: Path) -> None:
    assert once(tmp_path / "not there", lambda: WRONG, ignored) == WRONG
