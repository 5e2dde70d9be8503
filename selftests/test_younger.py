"""Over HTTP the books ask cheaply whether anything changed, and look at every row where it did.

In a database where others write too: what they commit is seen, and the witness sees what was.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, IsolationLevel

from fixtures.books import RELATIONS, Books, fingerprint
from fixtures.writes import Writes
from fixtures.younger import Younger
from oracle.generated import PERIOD, TENANT_ID
from platforms.description import RELATIONS as FILE
from platforms.description import read
from platforms.relations.composing import Relations, load
from platforms.statements import Tables
from selftests.reference import described_otherwise, relations_of
from selftests.staging import Staging
from selftests.test_writes import CHANGES, NAMES, Watched

INVOICE = "6a9d8d5c-0000-4000-8000-000000000002"
OTHER = "6a9d8d5c-0000-4000-8000-000000000001"
REST = set(RELATIONS) - {"events"}


@pytest.fixture
def changes(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Statements that change events; a tenant has eight, which count as many, another one one."""
    monkeypatch.setattr("fixtures.books.MANY", 1)
    monkeypatch.setattr("fixtures.books.SHARE", 2)
    tables = Tables(staging.connection, {**CHANGES, **relations_of(staging.connection).statements})
    for tenant, number in ((TENANT_ID, 8), (OTHER, 1)):
        tables.act("scratch_tenant", tenant_id=tenant, name="Many", slug=str(tenant))
        tables.act("many_events", tenant_id=tenant, event_count=number)
    return tables


@contextmanager
def books_of(
    staging: Staging,
    relations: Relations,
    own: Collection[str] = (),
    tables: Tables | None = None,
) -> Iterator[Books]:
    """Take the books as they are, and have a witness who goes on seeing them.

    They follow what is written where ``tables`` share the platform's transaction.
    """
    with psycopg.connect(staging.conninfo) as witness:
        witness.isolation_level = IsolationLevel.REPEATABLE_READ
        seen = Tables(witness, relations.statements)
        younger = Younger(seen, relations, str(TENANT_ID))
        writes = Writes(tables, relations) if tables else None
        yield Books(tables or seen, seen, str(TENANT_ID), NAMES, writes, younger, own)


def look(
    books: Books, connection: Connection[object], relations: Relations
) -> tuple[int, set[str]]:
    """Compare; return how many rows differ, and the relations whose every row was looked at."""
    tables = Watched(connection, relations.statements)
    told = books.compare(tables)
    assert told.after == books.compare(tables, whole=True).after
    return len(told.differences), tables.looked_at[0]


@pytest.mark.parametrize(
    ("acts", "differ"),
    [
        (("insert",), 1),
        (("update",), 1),
        (("by_a_function",), 1),
        (("delete",), 1),
        (("delete", "insert"), 2),
        (("update", "and_back"), 0),
    ],
    ids=lambda it: " and ".join(it) if isinstance(it, tuple) else "",
)
def test_whatever_was_done_to_an_event_is_seen(
    staging: Staging, changes: Tables, acts: tuple[str, ...], differ: int
) -> None:
    relations = relations_of(staging.connection)
    with books_of(staging, relations) as books:
        assert look(books, staging.connection, relations) == (0, REST)
        for act in acts:
            changes.act(act, tenant_id=TENANT_ID)
        assert look(books, staging.connection, relations) == (differ, set(RELATIONS))


def test_what_was_under_way_when_the_books_were_taken_is_seen(
    staging: Staging, changes: Tables
) -> None:
    relations = relations_of(staging.connection)
    with psycopg.connect(staging.conninfo) as other:
        late = Tables(other, CHANGES)
        late.act("settle")
        with other.transaction():  # a part of what is under way, with a number of its own
            late.act("update", tenant_id=TENANT_ID)
        changes.act("insert", tenant_id=OTHER)
        with books_of(staging, relations) as books:
            assert look(books, staging.connection, relations) == (0, REST)
            other.commit()
            assert look(books, staging.connection, relations) == (1, set(RELATIONS))


def test_another_tenants_events_and_rows_that_are_only_locked_ask_for_no_look(
    staging: Staging, changes: Tables
) -> None:
    relations = relations_of(staging.connection)
    with books_of(staging, relations) as books, staging.connection.transaction():
        changes.act("insert", tenant_id=OTHER)
        changes.act("lock")
        assert look(books, staging.connection, relations) == (0, REST)


OF_TABLE = "app.value_events AS event;"
NOT_ITS_ROWS_ALONE = {
    "a condition": (OF_TABLE, "app.value_events AS event WHERE event.amount > 0;"),
    "the time": ("AND event.billable)", "AND event.billable AND event.occurred_at < now())"),
    "a function": ("AND event.billable)", "AND event.occurred_at < clock_timestamp())"),
    "another table": (
        OF_TABLE,
        "app.value_events AS event JOIN app.currencies ON code = currency;",
    ),
    "a view": (OF_TABLE, "app.seen_events AS event;"),
}


def described_by(name: str, folder: Path) -> Path:
    """Describe the reference platform with events that are no table's rows alone."""
    old, new = NOT_ITS_ROWS_ALONE[name]
    path = described_otherwise(folder) / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path.parent


def test_what_is_no_tables_rows_alone_is_always_looked_at(
    staging: Staging, changes: Tables, tmp_path: Path
) -> None:
    changes.act("more_to_see")
    for name in NOT_ITS_ROWS_ALONE:
        relations = load(staging.connection, read(described_by(name, tmp_path / name)))
        with books_of(staging, relations) as books:
            assert look(books, staging.connection, relations) == (0, set(RELATIONS)), name


def planted(changes: Tables) -> str:
    """Add an event of the run, and return its id."""
    changes.act("insert", tenant_id=TENANT_ID)
    return str(changes.value("id_of", key="one-more"))


def test_events_of_the_run_beside_those_that_were_there_need_no_look(
    staging: Staging, changes: Tables
) -> None:
    relations, own = relations_of(staging.connection), list[str]()
    with books_of(staging, relations, own) as books:
        own.append(planted(changes))
        added = books.added(changes, own)
        tables = Watched(staging.connection, relations.statements)
        assert books.compare(tables, added).differences == ()
        changes.act("update", tenant_id=TENANT_ID)
        (one,) = books.compare(tables, added).differences
        assert (one.what, one.id in own) == ("changed", False)
        assert tables.looked_at[:2] == [REST, set(RELATIONS)]


def test_of_many_events_a_call_may_touch_the_runs_own_and_what_is_open(
    staging: Staging, changes: Tables
) -> None:
    relations = relations_of(staging.connection)
    tables = Watched(staging.connection, relations.statements)
    own = [planted(changes)]
    with books_of(staging, relations, own) as books:
        looks = [books.at_hand(tables, PERIOD, ())]
        for act in ("spoil", "close", "move_what_is_closed"):
            changes.act(act, tenant_id=TENANT_ID)
            looks.append(books.at_hand(tables, PERIOD, ()))
    assert len(set(looks)) == 3
    assert looks[2] == looks[3]
    assert tables.looked_at == [REST] * 4


def test_of_many_events_those_count_that_are_on_the_runs_invoices_or_its_own(
    staging: Staging, changes: Tables
) -> None:
    relations = relations_of(staging.connection)
    tables = Tables(staging.connection, relations.statements)
    changes.act(
        "scratch_invoices",
        invoice_ids=[INVOICE],
        tenant_ids=[TENANT_ID],
        period_starts=[PERIOD.start],
        period_ends=[PERIOD.end],
        currency="USD",
    )
    own = [planted(changes)]
    with books_of(staging, relations, own) as books:
        looks = [books.at_hand(tables, PERIOD, [INVOICE])]
        changed = ["spoil", "move_what_was_added", "put_on_an_invoice", "move_what_is_billed"]
        for act in (*changed, "more_terms"):
            changes.act(act, tenant_id=TENANT_ID, invoice_id=INVOICE)
            looks.append(books.at_hand(tables, PERIOD, [INVOICE]))
        changes.act("one_of_another_day", tenant_id=TENANT_ID)
        looks.append(books.at_hand(tables, PERIOD, [INVOICE]))
    assert len(set(looks)) == len(looks) - 1
    assert looks[-1] == looks[-2]


@pytest.mark.parametrize("why", ["few", "followed", "not rows alone"])
def test_else_all_of_the_period_is_looked_at(
    staging: Staging, changes: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    relations = relations_of(staging.connection)
    if why == "few":
        monkeypatch.setattr("fixtures.books.MANY", 100)
    if why == "not rows alone":
        changes.act("more_to_see")
        relations = load(staging.connection, read(described_by("a view", tmp_path / "it")))
    tables = Tables(staging.connection, relations.statements)
    seen = Writes(tables, relations) if why == "followed" else None
    with psycopg.connect(staging.conninfo) as witness:
        there = Tables(witness, relations.statements)
        younger = None if seen else Younger(there, relations, str(TENANT_ID))
        books = Books(there, there, str(TENANT_ID), NAMES, seen, younger)
        changes.act("one_of_another_day", tenant_id=TENANT_ID)
        at_hand = books.at_hand(tables, PERIOD, ())
        assert at_hand == fingerprint(tables, str(TENANT_ID), PERIOD)
        assert at_hand != fingerprint(tables, str(TENANT_ID))


def test_who_wrote_an_event_that_was_there_is_told_though_it_is_as_it_was(
    staging: Staging, changes: Tables
) -> None:
    relations = relations_of(staging.connection)
    own = [planted(changes)]
    with books_of(staging, relations, own) as books:
        since = str(changes.value("current_transaction"))
        assert books.rewritten(changes, since) == {}
        changes.act("newcomers", tenant_id=TENANT_ID, event_count=200)
        for act in ("spoil", "update", "and_back", "one_of_another_day"):
            changes.act(act, tenant_id=TENANT_ID)
        (id,) = books.rewritten(changes, since)
        assert id == changes.value("id_of", key="many-7")


def test_in_process_many_events_are_looked_at_where_more_than_the_runs_own_changed(
    staging: Staging, changes: Tables
) -> None:
    relations, own = relations_of(staging.connection), list[str]()
    tables = Watched(staging.connection, relations.statements)

    def looks_right(books: Books) -> bool:
        return books.now(tables) == fingerprint(changes, str(TENANT_ID))

    with (
        staging.connection.transaction(force_rollback=True),
        books_of(staging, relations, own, tables) as books,
    ):
        looks = tables.looked_at
        changes.act("more_terms", tenant_id=TENANT_ID)
        assert looks_right(books)
        assert looks[1:] == [{"terms"}]
        own.append(planted(changes))
        assert looks_right(books)
        for act in ("spoil", "restore"):
            changes.act(act, tenant_id=TENANT_ID)
            assert looks_right(books)
        assert (looks[2:], tables.by_age) == ([set()] * 3, [])
        with staging.connection.transaction(force_rollback=True):
            changes.act("update", tenant_id=TENANT_ID)
        assert looks_right(books)
        assert (looks[5:], len(tables.by_age)) == ([set()], 1)
        with staging.connection.transaction(force_rollback=True):
            changes.act("update", tenant_id=TENANT_ID)
            assert looks_right(books)
        assert looks[6:] == [{"events"}]
        assert looks_right(books)
        assert looks[7:] == [REST]
