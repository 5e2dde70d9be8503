"""Removes what a run made, in an order that foreign keys allow, and sees that it is gone.

A description's own statements come first, in their order: only they know how an event is let go of.
Before the one that a foreign key forbids, or after which something would point to nothing, what
hangs on the rows is removed, as far as it is the run's. The same, written down, is what a person
types where the session may not.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import psycopg
from psycopg import Connection, sql
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege, RestrictViolation

from platforms.constraints import check_as_a_commit_does
from platforms.obstacles import NOT_PERMITTED, OBSTACLES, first_line
from platforms.relations.survey import Survey
from platforms.removing.dependants import (
    DEEPEST,
    GOES_ALONG,
    LETS_GO,
    Family,
    Fate,
    Reference,
    Root,
    TooMany,
    deleting,
    references,
)
from platforms.removing.wording import asking, execute, literals, worded
from platforms.statements import Statement, Tables, statements_of

FORBIDDEN = (ForeignKeyViolation, RestrictViolation)
RELATION_OF = {"remove_invoices": "invoices", "remove_events": "events"}
HELD = ("tenants", "terms", "events")
T = TypeVar("T")


class CannotRemove(Exception):
    """What was made cannot be removed; the message says why, in one line."""


class LeavesSomething(Exception):
    """A statement removed rows to which others point that would stay."""


@dataclass
class Removal:
    """Removes rows through one connection. ``witness`` sees the database as it was before the run.

    ``beside`` are the rows that went along because they pointed to what was removed.
    """

    tables: Tables
    survey: Survey
    witness: Connection[Any] | None = None
    beside: list[str] = field(default_factory=list)
    _names: dict[int, "Named"] = field(default_factory=dict)

    def remove(self, name: str, tenant_id: str, ids: list[str]) -> int:
        """Delete rows by the description's statement of that name, in the transaction that is open.

        Return how many the last of its parts touched. Raises :class:`CannotRemove`.
        """
        statement, count = self.tables.statements[name], 0
        values = {"tenant_id": tenant_id, "ids": ids}
        root = self.root(RELATION_OF[name], ids)
        for part in statement.parts:
            count = self._execute(alone(statement, part), values, root)
        return count

    def _execute(self, part: Statement, values: Mapping[str, Any], root: Root | None) -> int:
        if root is None:
            return self._act(part, values)
        try:
            return self.attempt(part, values, root)
        except (*FORBIDDEN, LeavesSomething) as error:
            self._remove_dependants(root, error)
        try:
            with self.tables.connection.transaction():
                return self._act(part, values)
        except FORBIDDEN as error:
            raise CannotRemove(self._why(root, error)) from None

    def attempt(self, part: Statement, values: Mapping[str, Any], root: Root) -> int:
        """Execute one statement; undo it where that leaves rows that pointed to what is gone."""
        connection = self.tables.connection
        with connection.transaction():
            before = root.places(connection) if self._loosens(root) else []
            count = self._act(part, values)
            if before and len(root.places(connection)) < len(before):
                raise LeavesSomething
            return count

    def _act(self, part: Statement, values: Mapping[str, Any]) -> int:
        return execute(self.tables.connection, part.name, part, **values)

    def _loosens(self, root: Root) -> bool:
        """Tell whether rows may point there for which the database would not keep what is."""
        return any(
            one.parent_root == root.oid
            and one.child_root not in self.oids("lines")
            and one.on_delete in LETS_GO | {GOES_ALONG}
            for one in self.references
        )

    def _remove_dependants(self, root: Root, error: Exception) -> None:
        connection = self.tables.connection
        try:
            found = self.family().dependants(root)
            for one in found:
                if one.reference.on_delete == GOES_ALONG and one.fate is not Fate.GOES_ALONG:
                    raise CannotRemove(f"{one} would go along with it, and {one.fate}")
            for reference, rows in deleting(one for one in found if one.fate is Fate.OWN):
                pieces = {
                    "child": reference.child,
                    "columns": ", ".join(reference.known_by),
                    "values": literals(row.key for row in rows),
                }
                asking(connection, "delete_rows", **pieces).act("delete_rows")
                if reference.child_root not in self.oids("lines"):
                    self.beside += map(str, rows)
            self.beside += [
                f"{one}, which stays without it"
                for one in found
                if one.fate is Fate.UNPROVEN and one.reference.on_delete in LETS_GO
            ]
        except (InsufficientPrivilege, TooMany, *FORBIDDEN) as denied:
            raise CannotRemove(self._denied(root, denied, error)) from None

    def _denied(self, root: Root, denied: Exception, error: Exception) -> str:
        """Say what stands in the way, and what would have to be granted to remove it."""
        told = [first_line(one) for one in (error, denied) if isinstance(one, psycopg.Error)]
        told += [str(denied)] if isinstance(denied, TooMany) else []
        missing = self.not_allowed(root)
        if missing:
            told.append(missing)
        return "; ".join(told)

    def not_allowed(self, root: Root) -> str:
        """Say what must be granted, so that what points to the rows can be removed before them."""
        reached, names = {root.oid}, dict[str, None]()
        for _ in range(DEEPEST):
            for one in self.references:
                if one.parent_root in reached and one.child_root not in self.held:
                    reached.add(one.child_root)
                    own = one.child_root in self.oids("lines") or one.on_delete == GOES_ALONG
                    names |= {} if own or one.may else {one.child: None}
        user = sql.Identifier(self.tables.connection.info.user).as_string()
        tables = ", ".join(names)
        return worded("allow", tables=tables, role=user).written_out() if names else ""

    def _why(self, root: Root, error: psycopg.Error) -> str:
        """Say what stands in the way, and why it is not removed."""
        with suppress(psycopg.Error, TooMany), self.tables.connection.transaction():
            found = self.family().dependants(root)
            blocking = [f"{one} {one.fate}" for one in found if one.fate is not Fate.GOES_ALONG]
            if blocking:
                return f"{first_line(error)}: {'; '.join(blocking[:3])}"
        return first_line(error)

    def family(self, *, readable: bool = False) -> Family:
        """Return what finds what hangs on rows."""
        own = self.oids("lines")
        return Family(
            self.tables.connection, self.witness, self.held, own, self.references, readable
        )

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The foreign keys of the database."""
        return references(self.tables.connection)

    @cached_property
    def held(self) -> frozenset[int]:
        """The tables whose rows are nobody's to remove for what they point to."""
        return frozenset(oid for name in HELD for oid in self.oids(name))

    def oids(self, relation: str) -> frozenset[int]:
        """Return the table that a relation's rows come from, as a whole; none where it has none."""
        oid = self.survey.origins.get(relation, {}).get("id", (0, 0))[0]
        return frozenset({self._named(oid).whole} if oid else ())

    def root(self, relation: str, ids: Iterable[str]) -> Root | None:
        """Return rows of a relation as their own table has them; None where it has no table."""
        oid, number = self.survey.origins.get(relation, {}).get("id", (0, 0))
        if not oid:
            return None
        named = self._named(oid)
        if not named.is_table:
            return None  # no foreign key points to a view
        return Root(named.table, named.whole, named.columns[number], tuple(ids))

    def _named(self, oid: int) -> "Named":
        if oid not in self._names:
            self._names[oid] = names_of(self.tables.connection, oid)
        return self._names[oid]


@dataclass(frozen=True)
class Named:
    """A table as SQL writes it, the table that it is a part of, and its columns by number.

    ``is_table`` tells it from a view.
    """

    table: str
    is_table: bool
    whole: int
    columns: Mapping[int, str]


def names_of(connection: Connection[Any], oid: int) -> Named:
    """Return what a table and its columns are called."""
    rows = Tables(connection, statements_of("platforms")).rows("column_names", table_oid=oid)
    columns = {row["number"]: row["name"] for row in rows}
    return Named(rows[0]["table_name"], rows[0]["is_table"], rows[0]["root"], columns)


def alone(statement: Statement, part: str) -> Statement:
    """Return one part of a statement."""
    return Statement(statement.name, (part,), statement.values)


def in_one_transaction(connection: Connection[Any], act: Callable[[], T]) -> T:
    """Remove whole or not at all, also where constraints are deferred.

    What is checked at the end only may forbid there what the order of statements allows: then each
    statement is checked by itself. Raises :class:`CannotRemove`.
    """
    force = Tables(connection, statements_of("acceptance"))
    try:
        with connection.transaction():
            try:
                with connection.transaction():
                    done = act()
                    check_as_a_commit_does(connection)
                    return done
            except FORBIDDEN:
                force.act("force_constraints")
                return act()
    except psycopg.Error as error:
        if connection.broken or isinstance(error, (*OBSTACLES, *NOT_PERMITTED)):
            raise
        raise CannotRemove(first_line(error)) from None
