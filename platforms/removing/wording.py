"""The statements of ``sql/platforms/removal.sql``, with the names of tables and columns put in."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from psycopg import Connection, sql

from platforms.statements import Statement, Tables, statements_of


def worded(name: str, **pieces: str) -> Statement:
    """Return a statement with pieces that are SQL already: names from the catalogue, literals."""
    asked = statements_of("platforms")[name]
    parts = tuple(
        sql.SQL(part).format(**{k: sql.SQL(v.replace("%", "%%")) for k, v in pieces.items()})
        for part in asked.parts
    )
    return replace(asked, parts=tuple(part.as_string() for part in parts))


def asking(connection: Connection[object], name: str, **pieces: str) -> Tables:
    """Return what asks one statement of that name, with its pieces put in."""
    return Tables(connection, {name: worded(name, **pieces)})


def execute(
    connection: Connection[object], name: str, statement: Statement, **values: object
) -> int:
    """Execute a statement of that name, and return how many rows it touched."""
    return Tables(connection, {name: statement}).act(name, **values)


def literal(value: str) -> str:
    """Write a value as SQL does; it takes the type of what it is compared with."""
    return sql.Literal(value).as_string()


def literals(keys: Iterable[Sequence[str]]) -> str:
    """Write keys, of one column or of several, as a list to look among."""
    return ", ".join(
        literal(key[0]) if len(key) == 1 else f"({', '.join(map(literal, key))})" for key in keys
    )
