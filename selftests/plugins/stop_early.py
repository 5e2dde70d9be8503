"""Ends the run in its middle, as Ctrl-C does."""

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Interrupt before the second check of step 2 is judged."""
    if "S2.2-" in item.nodeid:
        raise KeyboardInterrupt
