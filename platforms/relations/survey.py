"""What a database tells of the relations: their columns, and the tables that these come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from platforms.description import Described
from platforms.relations.canonical import READ_COLUMNS, RELATION_COLUMNS
from platforms.relations.columns import AS_TEXT, OWN_TYPE, has_no_hash
from platforms.statements import Statement, compose, gate_statements

# By which column the table of a relation is known whose rows have no ids.
_KEYS = {"agreed": "tenant_id", "tiers": "rate"}


@dataclass(frozen=True)
class Survey:
    """What a database told of the relations: their columns, the tables they come from, unique keys.

    ``tables`` names, for each relation, the table or view that its rows' ids come from. ``words``
    are the columns to be read as text; of the relations in ``unhashed`` a row has no hash but that
    of its text. ``places`` are the tables, and the columns of ids, where rows are rows of a table,
    as SQL writes them. ``origins`` are the table, and the number of its column, that each column of
    a relation comes from; of what is agreed, which no run writes, neither is told.
    """

    columns: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, str]
    keys_are_unique: bool
    words: Mapping[str, frozenset[str]]
    unhashed: frozenset[str]
    places: Mapping[str, tuple[str, str]]
    origins: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)


def survey(
    connection: Connection[Any], described: Described, own: Mapping[str, Statement]
) -> Survey:
    """Ask the database about the relations of a description; ``own`` are its statements."""
    columns: dict[str, tuple[str, ...]] = {}
    tables: dict[str, str] = {}
    words: dict[str, frozenset[str]] = {}
    places: dict[str, tuple[str, str]] = {}
    origins: dict[str, dict[str, tuple[int, int]]] = {}
    keys_are_unique = False
    lookups = gate_statements()
    for name in READ_COLUMNS:
        if name not in own:
            continue
        told = columns_of(connection, own[name])
        columns[name] = tuple(column for column, *_ in told)
        words[name] = frozenset(column for column, type_, *_ in told if type_ in AS_TEXT)
        origin = {column: (table, number) for column, _, table, number in told}
        table, number = origin[_KEYS.get(name, "id")]
        if name not in RELATION_COLUMNS:  # what names its table may be worked out
            table = table or next((one for one, _ in origin.values() if one), 0)
        tables[name] = name
        if table:
            with connection.cursor() as cursor:
                cursor.execute(lookups["table_name"].parts[0], {"table": table})
                row = cursor.fetchone()
                tables[name] = row[0] if row else name
        if name not in RELATION_COLUMNS:
            continue
        origins[name] = origin
        if table:
            with connection.cursor() as cursor:
                asked = {"table": table, "number": number}
                cursor.execute(lookups["place_of_column"].parts[0], asked)
                place = cursor.fetchone()
                if place:
                    places[name] = place[0], place[1]
        if name == "events" and table and origin["key"][0] == table:
            numbers = [origin["tenant_id"][1], origin["key"][1]]
            with connection.cursor() as cursor:
                cursor.execute(
                    lookups["keys_are_unique"].parts[0],
                    {"table": table, "numbers": numbers},
                )
                row = cursor.fetchone()
                keys_are_unique = bool(row and row[0])
    unhashed = frozenset(name for name in columns if has_no_hash(connection, own[name]))
    return Survey(columns, tables, keys_are_unique, words, unhashed, places, origins)


def columns_of(
    connection: Connection[Any], statement: Statement
) -> list[tuple[str, str, int, int]]:
    """Return each column's name, type, and the table and column number that it comes from."""
    with connection.cursor() as cursor:
        cursor.execute(asking_for_columns(statement), dict.fromkeys(statement.values))
        result = cursor.pgresult
        assert result is not None  # noqa: S101 - a query has one
        return [
            (
                column.name,
                getattr(connection.adapters.types.get(column.type_code), "name", OWN_TYPE),
                result.ftable(number),
                result.ftablecol(number),
            )
            for number, column in enumerate(cursor.description or ())
        ]


def origins(connection: Connection[Any], statement: Statement) -> dict[str, tuple[int, int]]:
    """Return the table, and the number of its column, that each column of a relation comes from."""
    return {name: (table, number) for name, _, table, number in columns_of(connection, statement)}


def asking_for_columns(statement: Statement) -> str:
    """Return what asks the database for the columns of a relation's SELECT."""
    asking = gate_statements()["columns_of_relation"]
    return compose(asking, {"looked_at": statement.parts[0]}, {}).parts[0]
