"""What a person types into psql to remove what a run left: statements that were tried, and undone.

The removal is gone through in a transaction that is rolled back, and written down on the way, with
what must be removed before because it points to what goes. What this session may not do is written
down all the same.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from platforms.relations.survey import Survey
from platforms.removing.dependants import (
    Dependant,
    Fate,
    Root,
    TooMany,
    deleting,
)
from platforms.removing.guards import guards_of, switched
from platforms.removing.removal import (
    FORBIDDEN,
    RELATION_OF,
    LeavesSomething,
    Removal,
    alone,
)
from platforms.removing.wording import execute, literals, worded
from platforms.statements import Statement, Tables, statements_of

TABLES = ("invoices", "lines", "events")


@dataclass
class Writing:
    """Writes down the removal of a tenant's invoices and seeds."""

    tables: Tables
    survey: Survey
    tenant_id: str
    statements: list[str] = field(default_factory=list)
    guarded: bool = False
    denied: bool = False

    def of(self, removed: Iterable[tuple[str, list[str]]]) -> list[str]:
        """Return the statements that remove rows, each set by the statement of its name."""
        wanted = [(name, ids) for name, ids in removed if ids]
        self._removal = Removal(self.tables, self.survey)
        self._go_through(wanted)
        if not self.guarded:
            return self.statements
        oids = [self.survey.origins.get(name, {}).get("id", (0, 0))[0] for name in TABLES]
        connection = self.tables.connection
        off, on = switched(guard for oid in oids if oid for guard in guards_of(connection, oid))
        self.statements = []
        self._go_through(wanted, [Statement("switch_off", (text,), frozenset()) for text in off])
        return [*off, *self.statements, *on]

    def _go_through(
        self, wanted: Iterable[tuple[str, list[str]]], before: Iterable[Statement] = ()
    ) -> None:
        with self.tables.connection.transaction(force_rollback=True):
            Tables(self.tables.connection, statements_of("acceptance")).act("force_constraints")
            for statement in before:
                self._try(statement, {})
            for name, ids in wanted:
                self._remove(name, ids)

    def _remove(self, name: str, ids: list[str]) -> None:
        statement = self.tables.statements[name]
        root = self._removal.root(RELATION_OF[name], ids)
        for text in statement.parts:
            self._remove_by(alone(statement, text), ids, root)
        if root is not None and not self.denied and root.places(self.tables.connection):
            self.guarded = True

    def _remove_by(self, part: Statement, ids: list[str], root: Root | None) -> None:
        values = {"tenant_id": self.tenant_id, "ids": ids}
        try:
            if root is None:
                self._try(part, values)
            else:
                self._removal.attempt(part, values, root)
        except (*FORBIDDEN, LeavesSomething):
            if root is not None:
                self._write_dependants(root)
            self._try(part, values)
        except psycopg.Error as error:
            self._heed(error)
        self.statements.append(part.written_out(**values))

    def _try(self, part: Statement, values: dict[str, Any]) -> None:
        try:
            with self.tables.connection.transaction():
                execute(self.tables.connection, part.name, part, **values)
        except psycopg.Error as error:
            self._heed(error)

    def _heed(self, error: psycopg.Error) -> None:
        """Note what this session may not do, for who types this may; else something guards rows."""
        self.denied |= isinstance(error, psycopg.errors.InsufficientPrivilege)
        self.guarded |= not self.denied

    def _write_dependants(self, root: Root) -> None:
        with suppress(psycopg.Error, TooMany), self.tables.connection.transaction():
            found = [*self._removal.family(readable=True).dependants(root), *self._unread(root)]
            for reference, rows in deleting(found):
                pieces = {
                    "child": reference.child,
                    "columns": ", ".join(reference.known_by),
                    "values": literals(row.key for row in rows),
                }
                fate = rows[0].fate
                if reference.loose and fate in (Fate.UNPROVEN, Fate.OLDER):
                    self._note(worded("let_go", **pieces, column=reference.loose[0]))
                elif fate in (Fate.UNPROVEN, Fate.OWN):
                    self._note(worded("delete_rows", **pieces))

    def _unread(self, root: Root) -> Iterator[Dependant]:
        """Yield what may hang on the rows where the session may not look."""
        for one in self._removal.references:
            first = one.parent_root == root.oid and one.referred == (root.column,)
            if first and not one.reads and one.child_root not in self._removal.held:
                for id_ in root.ids:
                    yield Dependant(replace(one, key=()), (id_,), Fate.UNPROVEN, 1)

    def _note(self, statement: Statement) -> None:
        self.statements.append(statement.written_out())
        self._try(statement, {})
