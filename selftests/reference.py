"""The reference platform as the gate knows it: its description, its statements, its adapter."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from psycopg import Connection

from oracle.expectation import Expectation, expect
from oracle.generated import PERIOD, TENANT_ID
from oracle.period import Period
from platforms import adapters
from platforms.description import FILE, Described
from platforms.reference.adapter import Adapter
from platforms.relations.composing import Relations, load
from platforms.relations.reading import read_statements
from platforms.statements import Statements, Tables, parse

T = TypeVar("T")
VIEW = "app.priced_events"
PRICES = parse((Path(__file__).parent / "sql" / "prices.sql").read_text(encoding="utf-8"))


@cache
def described() -> Described:
    """Return the reference platform's description."""
    return adapters.reference()


@cache
def _own() -> Statements:
    return read_statements(described())


def writes_of(connection: Connection[Any]) -> Tables:
    """Return the description's own statements: what writes needs no look at the database before."""
    return Tables(connection, _own())


def relations_of(connection: Connection[Any]) -> Relations:
    """Hold the description against a database, as every run does."""
    return load(connection, described())


def described_otherwise(folder: Path, *changes: tuple[str, str]) -> Path:
    """Describe a platform in a folder of its own as the reference platform, but for some words."""
    shutil.copytree(adapters.REFERENCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / FILE).read_text()
    for old, new in changes:
        assert old in text, f"{old} is not in the reference platform's description"
        text = text.replace(old, new)
    (folder / FILE).write_text(text)
    return folder


def build_in(connection: Connection[Any], script: str) -> None:
    """Run a script that makes the reference platform another one."""
    ask_view_if_named(connection, script)
    connection.execute(script.encode())


def ask_view_if_named(connection: Connection[Any], script: str) -> None:
    """Where a script is about the view of prices, have the platform ask that view for its bills."""
    if VIEW in script:
        Tables(connection, PRICES).act("price_by_event")


class Scratch(Tables):
    """Tables in an example that Hypothesis tells: it would write out every statement."""

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text("the scratch tables")


class Elsewhere(Adapter):
    """Works in a session of its own, as one behind an admin API does; calls take turns."""

    shares_transaction = False

    def __init__(self, connection: Connection[Any]) -> None:
        super().__init__(described(), connection)
        self._turn = Lock()

    @contextmanager
    def _translated(self, *, writes: bool = False) -> Iterator[None]:
        with self._turn, super()._translated(writes=writes):
            yield


def tables_of(connection: Connection[Any]) -> Tables:
    """Return the description's statements, and the gate's over them."""
    return Tables(connection, relations_of(connection).statements)


def platform_of(connection: Connection[Any]) -> Adapter:
    """Return the platform in process, on a connection."""
    return Adapter(described(), connection)


def expected(tables: Tables, period: Period = PERIOD, tenant_id: str = TENANT_ID) -> Expectation:
    """Ask the oracle what the scratch tenant must be billed, by the reference platform's rules."""
    return expect(tables, tenant_id, period, described().description.rules.rules)


def known(value: T | None) -> T:
    """Return what must be there."""
    assert value is not None
    return value
