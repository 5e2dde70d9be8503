"""Triggers and rules that keep rows from being deleted, shown a row that is none.

No row of the platform's is touched: a table of the same columns, which is gone with the
transaction, gets the same guards and a row like those that the run would have to remove. What a
guard makes of that row tells what it would make of the run's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection

from platforms.obstacles import OBSTACLES, first_line
from platforms.removing.wording import asking, literal, worded
from platforms.statements import Tables, statements_of

# Errors of a row that is made up, which say nothing of one that is there: values that it lacks,
# rows that do not point to it, functions that look at the table's own type or name.
OF_THE_SAMPLE = ("22", "42", "23502", "23503")


@dataclass(frozen=True)
class Kept:
    """Why a row is kept; ``silently`` where it is not refused, and may have become another."""

    why: str
    silently: bool = False


@dataclass(frozen=True)
class Guard:
    """A trigger or rule of a table, as it is written; ``switch`` is how it is switched off."""

    name: str
    on_table: str
    definition: str
    switch: str
    of_view: bool

    @property
    def on_replica(self) -> str:
        """How it is written for the replica."""
        for word in (" ON ", " TO "):
            of_table = f"{word}{self.on_table} "
            if of_table in self.definition:
                return self.definition.replace(of_table, f"{word}pg_temp.p9a_replica ", 1)
        return self.definition.replace(f" TO {self.on_table}\n", " TO pg_temp.p9a_replica\n", 1)


def guards_of(connection: Connection[Any], table_oid: int) -> list[Guard]:
    """Return what meets whoever deletes from a table."""
    rows = Tables(connection, statements_of("platforms")).rows("guards", table_oid=table_oid)
    return [Guard(**row) for row in rows]


def keeps(
    connection: Connection[Any], table: str, guards: Iterable[Guard], sample: Mapping[str, str]
) -> Kept | None:
    """Say what keeps a row of a table from being deleted; nothing where nothing does.

    ``sample`` is the row, as text by its columns. Undone in the end.
    """
    shown = [guard for guard in guards if not guard.of_view]
    if not shown:
        return None
    names = " and ".join(dict.fromkeys(guard.name for guard in shown))
    try:
        with connection.transaction(force_rollback=True):
            _build(connection, table, shown, sample)
            asking(connection, "delete_sample").act("delete_sample")
            Tables(connection, statements_of("acceptance")).act("force_constraints")
            kept = asking(connection, "samples").value("samples")
    except psycopg.Error as error:
        if connection.broken or isinstance(error, tuple(OBSTACLES)):
            raise
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            return Kept(f"{names} of {table} cannot be tried: {first_line(error)}")
        if (error.sqlstate or "").startswith(OF_THE_SAMPLE):
            return None
        return Kept(f"{names} of {table} refuses: {first_line(error)}")
    return Kept(f"{names} of {table} keeps the row", silently=True) if kept else None


def _build(
    connection: Connection[Any], table: str, guards: Iterable[Guard], sample: Mapping[str, str]
) -> None:
    asking(connection, "replica", table=table).act("replica")
    columns, values = ", ".join(sample), ", ".join(map(literal, sample.values()))
    asking(connection, "sample", columns=columns, values=values).act("sample")
    for guard in guards:
        connection.execute(guard.on_replica.encode())


def switched(guards: Iterable[Guard]) -> tuple[list[str], list[str]]:
    """Return the statements that switch guards off, and on again."""
    tables = {(guard.on_table, guard.switch) for guard in guards if not guard.of_view}
    both = [
        [worded(name, table=table, guard=switch).written_out() for table, switch in sorted(tables)]
        for name in ("switch_off", "switch_on")
    ]
    return both[0], both[1]
