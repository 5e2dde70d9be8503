"""What moved in a database between two looks: rows of every table, and every sequence.

A row that is younger than the first look was written since. Counts tell how many are new and how
many are gone; what was written beyond that has changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from platforms.statements import Row, Statement, Tables, gate_statements, statements_of
from runbook.words import counted


@dataclass(frozen=True)
class Look:
    """How many rows each readable table has, and where each sequence stands, at one moment.

    ``written`` counts those that are young already: of the transaction that looks.
    """

    transaction: str
    rows: Mapping[str, int]
    written: Mapping[str, int]
    sequences: Mapping[str, Row]
    unreadable: tuple[str, ...]


@dataclass(frozen=True)
class Moved:
    """One table, or sequence, that moved; ``of_table`` is the one whose ids a sequence counts."""

    name: str
    words: str
    of_table: str = ""
    new: int = 0
    gone: int = 0


def look(connection: Connection[Any]) -> Look:
    """Look at every table and sequence."""
    asked = Tables(connection, statements_of("platforms") | gate_statements())
    transaction = asked.value("current_transaction")
    tables = asked.rows("watched_tables")
    told = {row["name"]: _rows(connection, row, transaction) for row in tables if row["readable"]}
    return Look(
        transaction=transaction,
        rows={name: row["row_count"] for name, row in told.items()},
        written={name: row["written"] for name, row in told.items()},
        sequences={row["name"]: row for row in asked.rows("watched_sequences")},
        unreadable=tuple(row["name"] for row in tables if not row["readable"]),
    )


def moved_since(connection: Connection[Any], before: Look) -> list[Moved]:
    """Say what has moved since an earlier look, by the names of tables and sequences."""
    asked = Tables(connection, statements_of("platforms"))
    moved = []
    for row in asked.rows("watched_tables"):
        name = row["name"]
        if row["readable"]:
            told = _rows(connection, row, before.transaction)
            written = told["written"] - before.written.get(name, 0)
            found = _moved(name, before.rows.get(name, 0), told["row_count"], written)
            moved += [found] if found else []
    for row in asked.rows("watched_sequences"):
        name, then = row["name"], before.sequences.get(row["name"], {})
        if row["last_value"] != then.get("last_value"):
            first = then.get("last_value") or "nothing"
            words = f"a sequence, from {first} to {row['last_value']}"
            moved.append(Moved(name, words, row["of_table"]))
    return moved


def _moved(name: str, before: int, after: int, written: int) -> Moved | None:
    new, gone = max(after - before, 0), max(before - after, 0)
    changed = max(written - new, 0)
    told = {"new": new, "changed": changed, "gone": gone}
    words = ", ".join(f"{counted(number, 'row')} {what}" for what, number in told.items() if number)
    return Moved(name, words, new=new, gone=gone) if words else None


def _rows(connection: Connection[Any], row: Row, transaction: str) -> Row:
    asked = statements_of("platforms")["rows_of_table"]
    # A single percent sign would announce a bound value.
    name = sql.Identifier(*(row[part].replace("%", "%%") for part in ("schema", "plain")))
    text = sql.SQL(asked.parts[0]).format(table=name)
    counting = Statement("rows_of_table", (text.as_string(connection),), asked.values)
    told = Tables(connection, {"rows_of_table": counting}).row(
        "rows_of_table", transaction=transaction
    )
    assert told is not None  # noqa: S101 - a count has a row
    return told
