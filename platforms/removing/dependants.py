"""What hangs on some rows: those that point to them by foreign keys, and to those, and so on.

Only a row that was not there before the run may be removed as one of the run's: a witness, a
session that still sees the database as it was, tells. Without one nothing is proven. Rows of
tenants, terms and events are never followed: what points to those is not the run's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import Any

from psycopg import Connection

from platforms.removing.wording import asking, literals
from platforms.statements import Row, Tables, statements_of

DEEPEST, MOST = 12, 1000
GOES_ALONG = "c"  # by ON DELETE CASCADE
LETS_GO = frozenset("nd")  # by ON DELETE SET NULL, or SET DEFAULT


class TooMany(Exception):
    """More hangs on the rows than a run of the gate can have caused."""


class Fate(StrEnum):
    """What is to become of a row that points to what is removed, in words for people."""

    GOES_ALONG = "goes along by itself"
    OWN = "of the run"
    UNPROVEN = "may have been there before the run"
    OLDER = "was there before the run"


@dataclass(frozen=True)
class Reference:
    """A foreign key; see ``references`` in ``sql/platforms/removal.sql``."""

    child: str
    child_root: int
    parent: str
    parent_root: int
    columns: tuple[str, ...]
    referred: tuple[str, ...]
    key: tuple[str, ...]
    loose: tuple[str, ...]
    on_delete: str
    reads: bool
    may: bool

    @property
    def known_by(self) -> tuple[str, ...]:
        """The columns that tell a child's row: its key, or else what it points by."""
        return self.key or self.columns


@dataclass(frozen=True)
class Root:
    """Rows that are removed: of a table, by the ids in a column. ``oid`` is the whole table's."""

    table: str
    oid: int
    column: str
    ids: tuple[str, ...]

    def places(self, connection: Connection[Any]) -> list[Row]:
        """Say where they lie."""
        if not self.ids:
            return []
        ids = literals((id_,) for id_ in self.ids)
        pieces = {"table": self.table, "column": self.column, "ids": ids}
        return asking(connection, "rows_of_ids", **pieces).rows("rows_of_ids")


@dataclass(frozen=True)
class Dependant:
    """A row that points to what is removed; the deepest ones go first."""

    reference: Reference
    key: tuple[str, ...]
    fate: Fate
    depth: int

    def __str__(self) -> str:
        named = ", ".join(
            f"{name} {value}" for name, value in zip(self.reference.known_by, self.key, strict=True)
        )
        return f"{self.reference.child} ({named})"


def references(connection: Connection[Any]) -> tuple[Reference, ...]:
    """Read the foreign keys of the database."""
    rows = Tables(connection, statements_of("platforms")).rows("references")
    lists = ("columns", "referred", "key", "loose")
    return tuple(Reference(**row | {name: tuple(row[name]) for name in lists}) for row in rows)


@dataclass(frozen=True)
class Family:
    """Finds what hangs on rows. ``held`` are the tables whose rows are never followed.

    ``own`` are those whose rows are the run's by what they point to: the lines of its invoices.
    ``readable`` says to look only where the session may read.
    """

    connection: Connection[Any]
    witness: Connection[Any] | None
    held: frozenset[int]
    own: frozenset[int]
    references: tuple[Reference, ...]
    readable: bool = False

    def dependants(self, root: Root) -> list[Dependant]:
        """Return what hangs on the rows, the deepest first. Raises :class:`TooMany`."""
        pointing: dict[int, list[Reference]] = {}
        for reference in self.references:
            if self.readable and not reference.reads:
                continue
            pointing.setdefault(reference.parent_root, []).append(reference)
        places = {
            (row["table_oid"], row["place"]): root.oid for row in root.places(self.connection)
        }
        roots, found = places.keys(), dict[tuple[int, str], Dependant]()
        for depth in range(1, DEEPEST + 1):
            step = list(self._step(places, pointing, depth))
            fresh = dict[tuple[int, str], Dependant]()
            for place, one in step:
                if place not in roots:
                    fresh[place] = _both(fresh.get(place) or found.get(place), one)
            found |= fresh
            if len(found) > MOST:
                raise TooMany(f"more than {MOST} rows point to {root.table}")
            followed = (Fate.GOES_ALONG, Fate.OWN, Fate.UNPROVEN)
            places = {
                place: one.reference.child_root
                for place, one in fresh.items()
                if one.fate in followed
            }
            if not places:
                break
        return list(found.values())

    def _step(
        self,
        places: dict[tuple[int, str], int],
        pointing: dict[int, list[Reference]],
        depth: int,
    ) -> Iterator[tuple[tuple[int, str], Dependant]]:
        """Yield the rows that point to some places, with where they lie."""
        for (table, whole), group in groupby(
            sorted(places.items()), key=lambda one: (one[0][0], one[1])
        ):
            spots = [place for (_, place), _ in group]
            for reference in pointing.get(whole, ()):
                if reference.child_root in self.held and reference.on_delete != GOES_ALONG:
                    continue
                rows = self._pointing(reference, table, spots)
                fates = self._fates(reference, [tuple(row["key"]) for row in rows])
                for row in rows:
                    key = tuple(row["key"])
                    place = row["table_oid"], row["place"]
                    yield place, Dependant(reference, key, fates[key], depth)

    def _pointing(self, reference: Reference, table: int, spots: list[str]) -> list[Row]:
        pieces = {
            "child": reference.child,
            "key": ", ".join(f"child.{name}::text" for name in reference.known_by),
            "columns": ", ".join(reference.columns),
            "referred": ", ".join(f"parent.{name}" for name in reference.referred),
            "parent": reference.parent,
        }
        asked = asking(self.connection, "referring_rows", **pieces)
        return asked.rows("referring_rows", table_oid=table, places=spots, most=MOST + 1)

    def _fates(
        self, reference: Reference, keys: Iterable[tuple[str, ...]]
    ) -> dict[tuple[str, ...], Fate]:
        keys = dict.fromkeys(keys)
        along = reference.on_delete == GOES_ALONG
        if reference.child_root in self.held:
            return dict.fromkeys(keys, Fate.OLDER)
        if reference.child_root in self.own:
            return dict.fromkeys(keys, Fate.GOES_ALONG if along else Fate.OWN)
        if self.witness is None or not reference.key or not keys:
            owned = along and not reference.loose
            return dict.fromkeys(keys, Fate.GOES_ALONG if owned else Fate.UNPROVEN)
        pieces = {
            "child": reference.child,
            "key": ", ".join(f"child.{name}::text" for name in reference.key),
            "columns": ", ".join(reference.key),
            "values": literals(keys),
        }
        rows = asking(self.witness, "known_rows", **pieces).rows("known_rows")
        older = {tuple(row["key"]) for row in rows}
        newer = Fate.GOES_ALONG if along else Fate.OWN
        return {key: Fate.OLDER if key in older else newer for key in keys}


def _both(earlier: Dependant | None, now: Dependant) -> Dependant:
    """Put together what is known of a row that is found by several ways; ``now`` is the deepest.

    Who cannot be without what is removed is the more the run's; what goes along by one way, and
    forbids by another, is removed before.
    """
    if earlier is None:
        return now
    kept = earlier if now.reference.loose and not earlier.reference.loose else now
    fates = {earlier.fate, now.fate}
    if Fate.GOES_ALONG in fates and len(fates) > 1 and Fate.OLDER not in fates:
        by_force = earlier if now.fate is Fate.GOES_ALONG else now
        return replace(by_force, fate=Fate.OWN, depth=now.depth)
    return replace(kept, depth=now.depth)


def deleting(dependants: Iterable[Dependant]) -> Iterator[tuple[Reference, list[Dependant]]]:
    """Group rows that one statement is enough for, in the order in which they can be removed."""

    def together(one: Dependant) -> tuple[Any, ...]:
        reference = one.reference
        return (-one.depth, reference.child, reference.known_by, reference.on_delete, one.fate)

    for _, group in groupby(sorted(dependants, key=together), key=together):
        rows = list(group)
        yield rows[0].reference, rows
