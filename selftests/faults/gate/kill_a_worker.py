"""One of two workers is killed in the middle of step 2, and the tests that were left are lost.

stands for: a build machine that runs out of memory
says: the worker died
with: -n 2
verdict: ABORTED
"""

import os
import signal

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Die before the second check of step 2 is judged."""
    if "S2.2-" in item.nodeid:
        os.kill(os.getpid(), signal.SIGKILL)
