"""Presses Ctrl-C before a check that comes after one that failed."""

import os
import signal

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Interrupt, as a person does, before the second check of step 2 is judged."""
    if "S2.2-" in item.nodeid:
        os.kill(os.getpid(), signal.SIGINT)
