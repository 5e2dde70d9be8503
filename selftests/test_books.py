"""The books name every row that is not as it was, and no other.

The rows are in memory, answered as ``sql/acceptance/books.sql`` would.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest

from fixtures.books import (
    RELATIONS,
    AddedRow,
    Books,
    Difference,
    Fingerprint,
    fingerprint,
)
from fixtures.writes import Writes, Written
from oracle.generated import PERIOD
from platforms.obstacles import Aborted
from platforms.statements import Row, Tables

Digests = dict[tuple[str, str], int | None]

TENANT = "acme"
# The others are known by the names of their relations.
NAMES = {"events": "ledger.findings"}
BEFORE: Digests = {("events", "e1"): 10, ("events", "e2"): 20, ("terms", "t1"): 5}
DRAFT: Digests = {("invoices", "i1"): 100, ("events", "e3"): 30}


@dataclass
class Sheet:
    """A tenant's rows: digests by relation and id. ``asked`` is the period that was asked for.

    ``judged`` are the digests of what is judged of a row, where they are others. ``looked_at`` are
    the relations of which fingerprints were taken, ``read`` the rows that were read one by one.
    """

    digests: Digests
    judged: Digests = field(default_factory=dict)
    looked_at: list[set[str]] = field(default_factory=list)
    asked: list[datetime | None] = field(default_factory=list)
    read: list[tuple[str, str]] = field(default_factory=list)

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Answer a statement of that name."""
        return list(getattr(self, f"_{name}")(**values))

    def _fingerprint(
        self,
        tenant_id: str,
        starts: datetime | None,
        ends: datetime | None,
        relations: list[str],
    ) -> Iterator[Row]:
        assert tenant_id == TENANT
        self.asked += [starts, ends]
        self.looked_at.append(set(relations))
        known = {key: digest for key, digest in self.digests.items() if key[0] in relations}
        for relation in RELATIONS:
            digests = [digest for (where, _), digest in known.items() if where == relation]
            told = [digest for digest in digests if digest is not None]
            yield {
                "relation": relation,
                "row_count": len(digests),
                "digest_count": len(told),
                "digest": sum(told),
            }

    def _shares_of_events(self, tenant_id: str, shares: int) -> Iterator[Row]:
        assert tenant_id == TENANT
        for share in range(shares):
            told = [self.digests[key] or 0 for key in self._in_shares(shares, [share])]
            if told:
                yield {"share": share, "row_count": len(told), "digest": sum(told)}

    def _in_shares(self, shares: int, chosen: list[int]) -> list[tuple[str, str]]:
        events = [key for key in self.digests if key[0] == "events"]
        return [key for key in events if shares == 1 or int(key[1][1:]) % shares in chosen]

    def _row_digests(
        self, tenant_id: str, relations: list[str], shares: int, chosen: list[int]
    ) -> Iterator[Row]:
        assert tenant_id == TENANT
        events = self._in_shares(shares, chosen)
        keys = [
            key
            for key in self.digests
            if key[0] in relations and (key[0] != "events" or key in events)
        ]
        self.read += keys
        yield from self._of(keys)

    def _added_rows(self, event_ids: list[str], invoice_ids: list[str]) -> Iterator[Row]:
        events, bills = (
            [("events", id) for id in event_ids],
            [("invoices", i) for i in invoice_ids],
        )
        yield from self._of([*events, *bills])

    def _of(self, keys: Iterable[tuple[str, str]]) -> Iterator[Row]:
        for relation, id in keys:
            digest = self.digests[relation, id]
            judged = self.judged.get((relation, id), digest)
            yield {"relation": relation, "id": id, "digest": digest, "judged": judged}


@dataclass
class Followed:
    """Writes as they are told: ``rows`` are those that were written to a relation."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RELATIONS, 0))
    look: int = 0

    def remember(self, look: int) -> None:
        """Remember a look."""
        self.look = look

    def remembers(self, look: int) -> bool:
        """Tell whether it was the last."""
        return self.look == look

    def so_far(self) -> dict[str, Written]:
        """Return what was written to each relation."""
        return {name: Written(rows) for name, rows in self.rows.items()}


def tables(digests: Digests, judged: Digests | None = None) -> Tables:
    return cast("Tables", Sheet(digests, judged or {}))


def books() -> Books:
    """Return the books of a tenant who had the rows of ``BEFORE``."""
    return Books(tables(BEFORE), tables(BEFORE), TENANT, NAMES)


def filled(fingerprint: Fingerprint) -> set[tuple[str, int, int]]:
    """Return the relations that have rows."""
    return {one for one in fingerprint.relations if one[1]}


def named(after: Digests, added: Iterable[AddedRow] = ()) -> list[str]:
    """Return what is told of the rows that are there now."""
    return [str(it) for it in books().compare(tables(after), added).differences]


def test_books_that_are_as_they_were_name_nothing() -> None:
    now = tables(BEFORE)
    comparison = books().compare(now)
    assert comparison.differences == ()
    assert comparison.after == books().before == fingerprint(now, TENANT)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({("events", "e3"): 30}, ["ledger.findings e3 is new"]),
        ({("invoices", "i1"): 0}, ["invoices i1 is new"]),
        ({("terms", "t1"): 6}, ["terms t1 is changed"]),
        (
            {("events", "e1"): 20, ("events", "e2"): 11},
            ["ledger.findings e1 is changed", "ledger.findings e2 is changed"],
        ),
    ],
)
def test_a_row_that_is_new_or_changed_is_named(changed: Digests, words: list[str]) -> None:
    assert named(BEFORE | changed) == words


def test_a_row_that_differs_in_nothing_that_is_judged_is_told_so() -> None:
    now = tables(BEFORE | {("events", "e1"): 11, ("terms", "t1"): 6}, {("events", "e1"): 10})
    told = books().compare(now).differences
    assert [(it.id, it.judged) for it in told] == [("e1", False), ("t1", True)]


def test_what_is_told_beside_the_rows_is_how_they_are_now() -> None:
    now = tables(BEFORE | DRAFT)
    comparison = books().compare(now)
    assert comparison.after == fingerprint(now, TENANT)
    assert [it.arrived_meanwhile for it in comparison.differences] == [True, False]


def test_a_row_that_is_gone_is_named() -> None:
    rest = {key: digest for key, digest in BEFORE.items() if key != ("events", "e2")}
    assert named(rest) == ["ledger.findings e2 is gone"]


def test_rows_that_the_run_added_are_expected_and_named_where_they_are_not_as_added() -> None:
    with_draft = BEFORE | DRAFT
    added = books().added(tables(with_draft), ["e3"], ["i1"])
    assert added == (
        AddedRow("events", "ledger.findings", "e3", 30),
        AddedRow("invoices", "invoices", "i1", 100),
    )
    assert named(with_draft, iter(added)) == []
    assert named(BEFORE, added) == ["ledger.findings e3 is gone", "invoices i1 is gone"]
    assert named(with_draft | {("events", "e3"): 31}, added) == ["ledger.findings e3 is changed"]
    assert str(added[0]) == "ledger.findings e3 is still there"
    assert books().added(tables(with_draft)) == ()
    assert [row.id for row in books().added(tables(with_draft), invoice_ids=["i1"])] == ["i1"]


def test_what_a_fingerprint_will_be_with_rows_is_what_it_is_with_them() -> None:
    with_draft = BEFORE | DRAFT
    added = books().added(tables(with_draft), ["e3"], ["i1"])
    whole = fingerprint(tables(with_draft), TENANT)
    assert books().before.plus(added) == whole
    assert filled(whole) == {("terms", 1, 5), ("events", 3, 60), ("invoices", 1, 100)}
    assert str(whole) == str(Fingerprint(whole.relations)) != str(books().before)
    assert len(str(whole)) == 16


def test_events_of_one_period_alone_are_asked_for_where_one_is_given() -> None:
    sheet = Sheet(BEFORE)
    fingerprint(cast("Tables", sheet), TENANT)
    fingerprint(cast("Tables", sheet), TENANT, PERIOD)
    assert sheet.asked == [None, None, PERIOD.start, PERIOD.end]


@pytest.mark.parametrize(
    ("relation", "what", "arrived"),
    [("events", "new", True), ("events", "changed", False), ("invoices", "new", False)],
)
def test_only_a_new_event_may_be_the_tenants_own_business(
    relation: str, what: str, *, arrived: bool
) -> None:
    assert Difference(relation, relation, "1", what).arrived_meanwhile is arrived


def followed_books(writes: Followed) -> Books:
    """Return the books of the same tenant, told what is written."""
    return Books(tables(BEFORE), tables(BEFORE), TENANT, NAMES, cast("Writes", writes))


def test_of_many_rows_only_those_that_were_written_to_are_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fixtures.books.MANY", 1)
    writes = Followed()
    books = followed_books(writes)
    now = Sheet(BEFORE | {("terms", "t1"): 6, ("events", "e1"): 11})
    writes.rows["terms"] = 1
    seen = books.compare(cast("Tables", now)).after
    assert filled(seen) == {("terms", 1, 6), ("events", 2, 30)}
    whole = books.compare(cast("Tables", now), whole=True).after
    assert filled(whole) == {("terms", 1, 6), ("events", 2, 31)}
    assert now.looked_at == [{"terms"}, set(RELATIONS)]


@pytest.mark.parametrize(("many", "followed"), [(2, True), (1, False)])
def test_few_rows_and_what_nobody_follows_are_looked_at_whole(
    monkeypatch: pytest.MonkeyPatch, many: int, *, followed: bool
) -> None:
    monkeypatch.setattr("fixtures.books.MANY", many)
    own = followed_books(Followed()) if followed else books()
    now = Sheet(BEFORE)
    assert own.compare(cast("Tables", now)).differences == ()
    assert now.looked_at == [set(RELATIONS)]


MANY: Digests = {("terms", "t1"): 5, **{("events", f"e{n}"): n for n in range(1, 10)}}


@pytest.mark.parametrize("shares", [1, 50])
def test_of_many_events_those_are_read_that_are_not_as_they_were(
    monkeypatch: pytest.MonkeyPatch, shares: int
) -> None:
    monkeypatch.setattr("fixtures.books.SHARE", 2)
    monkeypatch.setattr("fixtures.books.MOST_SHARES", shares)
    books = Books(tables(MANY), tables(MANY), TENANT, NAMES)
    added = [AddedRow("events", "ledger.findings", f"e{n}", n) for n in (11, 13)]
    new: Digests = {("events", row.id): row.digest for row in added}
    now = Sheet(MANY | new | {("events", "e3"): 33})
    told = books.compare(cast("Tables", now), added).differences
    # Of five shares e1, e6 and e11 are one that differs, and e3, e8 and e13 the other.
    assert [str(it) for it in told] == ["ledger.findings e3 is changed"][: shares - 1]
    read = {"e1", "e6", "e11"} | ({"e3", "e8", "e13"} if shares > 1 else set())
    assert set(now.read) == {("events", event) for event in read}


NULL = "events.digest of relations.sql is NULL in {}, so that no change would be seen there: hash "
NULL += "the whole row, also where columns are NULL"


def test_a_row_without_a_digest_aborts() -> None:
    odd = BEFORE | {("events", "e3"): None}
    with pytest.raises(Aborted, match=f"^{NULL.format('1 row')}$"):
        fingerprint(tables(odd), TENANT)
    with pytest.raises(Aborted, match=f"^{NULL.format('2 rows')}$"):
        fingerprint(tables(odd | {("events", "e4"): None}), TENANT)
    with pytest.raises(Aborted, match=f"^{NULL.format('1 row')}$"):
        books().added(tables(odd), ["e3"])
