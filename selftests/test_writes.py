"""The books look anew at what the open transaction has written to, and at nothing else.

In a database whose every change is undone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fixtures.books import MANY, RELATIONS, Books, fingerprint
from fixtures.writes import Writes
from oracle.generated import TENANT_ID
from platforms.description import RELATIONS as FILE
from platforms.description import read
from platforms.relations.composing import Relations, load
from platforms.statements import Row, Tables, parse
from selftests.reference import described_otherwise, relations_of

CHANGES = parse((Path(__file__).parent / "sql" / "writes.sql").read_text())
OF_EVENTS = ["insert", "update", "delete", "empty", "rebuild", "widen", "by_a_function"]
NAMES = {name: name for name in RELATIONS}


@dataclass(frozen=True)
class Watched(Tables):
    """Tables that remember of what fingerprints were taken, and what was asked by age."""

    looked_at: list[set[str]] = field(default_factory=list)
    by_age: list[str] = field(default_factory=list)

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Return every row."""
        if name == "fingerprint":
            self.looked_at.append(set(values["relations"]))
        return super().rows(name, **values)

    def rows_of(self, name: str, table: str, column: str, **values: Any) -> list[Row]:
        """Return every row of a table that is named."""
        self.by_age.append(name)
        return super().rows_of(name, table, column, **values)


@pytest.fixture
def changes(scratch: Tables) -> Iterator[Tables]:
    """Statements that change much, in a transaction in which a tenant has many events."""
    tables = Tables(scratch.connection, CHANGES)
    with scratch.connection.transaction(force_rollback=True):
        scratch.act("scratch_tenant", tenant_id=TENANT_ID, name="Many", slug="many")
        tables.act("many_events", tenant_id=TENANT_ID, event_count=MANY + 1)
        yield tables


def books_of(tables: Watched, relations: Relations) -> Books:
    return Books(tables, tables, TENANT_ID, NAMES, Writes(tables, relations))


def test_what_nobody_wrote_to_is_not_looked_at_again(changes: Tables) -> None:
    relations = relations_of(changes.connection)
    tables = Watched(changes.connection, relations.statements)
    books = books_of(tables, relations)
    with changes.connection.transaction():
        assert books.compare(tables).after == books.before
    assert tables.looked_at == [set(RELATIONS)]
    assert books.compare(tables, whole=True).after == books.before
    assert tables.looked_at[1:] == [set(RELATIONS)]
    assert books.rewritten(tables, "3") == {}, "nobody asks who wrote what nobody else can"


@pytest.mark.parametrize("change", OF_EVENTS)
def test_whatever_is_done_to_a_table_is_seen(changes: Tables, change: str) -> None:
    relations = relations_of(changes.connection)
    tables = Watched(changes.connection, relations.statements)
    books = books_of(tables, relations)
    writes = Writes(tables, relations)
    written = writes.so_far()
    changes.act("settle")
    changes.act(change, tenant_id=TENANT_ID)
    assert writes.so_far() != written
    if change != "widen":  # the gate reads the columns that there were
        comparison = books.compare(tables)
        assert "events" in tables.looked_at[1]
        assert "terms" not in tables.looked_at[1]
        assert comparison.after == books.compare(tables, whole=True).after
        assert (comparison.after == books.before) == (change == "rebuild")


def test_a_part_that_a_table_has_got_since_is_looked_at_each_time(changes: Tables) -> None:
    relations = relations_of(changes.connection)
    tables = Watched(changes.connection, relations.statements)
    books = books_of(tables, relations)
    changes.act("settle")
    changes.act("another_part")
    for act in ("into_the_part", "in_the_part"):
        assert books.now(tables) == fingerprint(tables, TENANT_ID)
        changes.act(act, tenant_id=TENANT_ID)
    assert books.now(tables) == fingerprint(tables, TENANT_ID)


def test_what_is_undone_is_as_it_was(changes: Tables) -> None:
    relations = relations_of(changes.connection)
    tables = Watched(changes.connection, relations.statements)
    books = books_of(tables, relations)
    with changes.connection.transaction(force_rollback=True):
        changes.act("update", tenant_id=TENANT_ID)
        assert books.compare(tables).after != books.before
    assert books.compare(tables).after == books.before


@pytest.mark.parametrize(
    "read_from",
    [
        "app.seen_events AS event",
        "app.value_events AS event, app.anything() AS other",
        "app.value_events AS event WHERE EXISTS (SELECT app.anything())",
        "app.value_events AS event WHERE EXISTS (SELECT lower('x') = 'x')",
    ],
    ids=[
        "a view",
        "a function",
        "a function that answers a value",
        "a name of two functions",
    ],
)
def test_what_may_show_more_than_its_tables_is_always_looked_at(
    changes: Tables, tmp_path: Path, read_from: str
) -> None:
    changes.act("more_to_see")
    folder = described_otherwise(tmp_path / "it")
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    assert "app.value_events AS event" in text
    path.write_text(text.replace("app.value_events AS event", read_from, 1), encoding="utf-8")
    relations = load(changes.connection, read(folder))
    tables = Watched(changes.connection, relations.statements)
    books = books_of(tables, relations)
    books.compare(tables)
    assert tables.looked_at[1] == {"events"}
