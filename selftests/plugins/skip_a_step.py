"""Skips a step's tests, as an overzealous plugin may, before the gate has a word."""

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip whatever judges step 2."""
    if "S2." in item.nodeid:
        pytest.skip("slow")
