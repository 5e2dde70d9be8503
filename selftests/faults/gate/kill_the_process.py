"""The process that judges is killed in the middle of step 2.

stands for: a build machine that runs out of memory
says: exit code -9
verdict: NO_EVIDENCE
"""

import os
import signal

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Die before the second check of step 2 is judged."""
    if "S2.2-" in item.nodeid:
        os.kill(os.getpid(), signal.SIGKILL)
