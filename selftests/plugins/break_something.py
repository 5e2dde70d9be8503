"""Breaks what ``P9A_TEST_BREAKS`` names: something of the gate, of an adapter, or of the runner."""

import os
from typing import Any

import psycopg
import pytest

from acceptance.expecting import Oracle
from billing import invoices
from fixtures import recognising

BROKEN = os.environ["P9A_TEST_BREAKS"]


def _broken(*_: Any, **__: Any) -> Any:
    raise KeyError("a key that is not there\nand a second line")


def _no_such_column(_: Oracle) -> Any:
    raise psycopg.errors.UndefinedColumn('column "missing" does not exist\nLINE 1: ...')


BREAKS: dict[str, tuple[Any, str, Any]] = {
    "start": (recognising, "_recognised", _broken),
    "adapter": (invoices, "preview", _broken),
    "gate": (Oracle, "expect", _broken),
    "column": (Oracle, "expect", _no_such_column),
}


def pytest_configure(config: pytest.Config) -> None:
    """Break it."""
    if BROKEN in BREAKS:
        patch = pytest.MonkeyPatch()
        patch.setattr(*BREAKS[BROKEN])
        config.add_cleanup(patch.undo)


def pytest_runtest_logstart(nodeid: str) -> None:
    """Break the runner, in the middle of step 2."""
    if BROKEN == "runner" and "S2.2-" in nodeid:
        _broken()
