"""Warns as a library does that is going out of fashion: at each moment of a run, and of a test."""

import warnings


def _warn(when: str) -> None:
    warnings.warn(f"out of fashion, {when}", DeprecationWarning, stacklevel=1)


def pytest_sessionstart() -> None:
    """Before anything is judged."""
    _warn("at the start")


def pytest_collection_finish() -> None:
    """Once it is known what is judged."""
    _warn("after the collection")


def pytest_runtest_setup() -> None:
    """Before an act."""
    _warn("in a test")


def pytest_sessionfinish() -> None:
    """When all is judged."""
    _warn("at the end")
