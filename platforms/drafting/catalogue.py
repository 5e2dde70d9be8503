"""What a database says about its tables: columns, keys, checks, and the words of its statuses.

Of rows nothing is read but how many there are of each status, state, kind or currency: no name, no
address, no amount of anybody.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection, sql

from platforms.drafting.naming import snake
from platforms.statements import Row, Statement, Tables, statements_of

GLANCE = 200_000
MOST_WORDS = 20
LONGEST_WORD = 40
# Of columns whose names end so, words are read; never of any other.
TELLING = re.compile(r"(^|_)(status|state|stage|phase|category|kind|type|currency|lifecycle)$")
WORD_TYPES = frozenset({"text", "varchar", "bpchar", "name"})
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_ONE_OF = re.compile(r"^CHECK \(+(\w+|\"[^\"]+\")\)?(::[\w ]+)? = ANY \(", re.DOTALL)
# Tables in which tools keep what they have done to the schema.
MIGRATIONS = re.compile(
    r"(^|_)(schema_migrations?|migrations?|migration_lock|alembic_version|flyway_schema_history)$"
    r"|^(django_|auth_|databasechangelog|__ef|knex_|_prisma|ar_internal_metadata)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Column:
    """A column. ``base`` is its type without length; ``words`` those that a type or check allows.

    ``name`` is as SQL writes it, in quotes where it must be; ``plain`` as it is.
    """

    name: str
    plain: str
    type: str
    base: str
    nullable: bool
    is_made: bool
    is_generated: bool
    fallback: str
    words: tuple[str, ...] = ()
    number: int = 0

    @property
    def needed(self) -> bool:
        """Whether a new row must say it."""
        return not (self.nullable or self.is_made or self.fallback)


@dataclass(frozen=True)
class ForeignKey:
    """Columns that point to another table's."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str


@dataclass(frozen=True)
class Unique:
    """Columns whose values are unique, in all rows or in those that a predicate holds for."""

    columns: tuple[str, ...]
    predicate: str = ""


@dataclass(frozen=True)
class Table:
    """A table or view. ``name`` is with its schema, quoted where it must be."""

    name: str
    schema: str
    plain: str
    is_view: bool
    rows: int
    readable: bool
    columns: Mapping[str, Column]
    primary: tuple[str, ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    uniques: tuple[Unique, ...] = ()
    predicates: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    oid: int = 0

    def points_to(self, target: str) -> tuple[str, ...]:
        """Return the single columns by which it points to another table."""
        return tuple(
            key.columns[0] for key in self.foreign if key.target == target and len(key.columns) == 1
        )

    def target_of(self, column: str) -> str:
        """Return the table that a column points to; nothing where it points to none."""
        return next((key.target for key in self.foreign if key.columns == (column,)), "")

    def where(self, column: str) -> str:
        """Name a column as a source of what is drafted: its table, itself, and its type."""
        return f"{self.name}.{column} {self.columns[column].type}"


@dataclass(frozen=True)
class Catalogue:
    """The tables of a database, by their names."""

    database: str
    tables: Mapping[str, Table]
    _connection: Connection[Any] | None = field(default=None, repr=False, compare=False)

    def pointing_to(self, name: str) -> Iterator[Table]:
        """Yield the tables that point to one."""
        for table in self.tables.values():
            if any(key.target == name for key in table.foreign):
                yield table

    def counted(self, table: Table, column: str) -> dict[str, int]:
        """Count the words of a status-like column in the rows that there are."""
        told = table.columns[column]
        may = TELLING.search(snake(column)) and (told.base in WORD_TYPES or told.words)
        if not may or not table.readable or self._connection is None:
            return {}
        rows = _counted(self._connection, table, column)
        if len(rows) == MOST_WORDS or any(len(word) > LONGEST_WORD for word in rows):
            return {}
        return rows

    def words(self, table: Table, column: str) -> dict[str, int]:
        """Return the words that a column may hold or holds, and how many rows hold each."""
        counted = self.counted(table, column)
        return {word: counted.get(word, 0) for word in (*table.columns[column].words, *counted)}


def read_catalogue(connection: Connection[Any]) -> Catalogue:
    """Read the catalogue of the connected database."""
    asked = Tables(connection, statements_of("platforms"))
    tables = asked.rows("tables")
    oids = [row["oid"] for row in tables]
    names = {row["oid"]: row["name"] for row in tables}
    columns = _by_table(asked.rows("columns", oids=oids))
    constraints = _by_table(asked.rows("constraints", oids=oids))
    indexes = _by_table(asked.rows("indexes", oids=oids))
    return Catalogue(
        connection.info.dbname,
        {
            names[row["oid"]]: _table(
                row,
                names,
                columns,
                constraints.get(row["oid"], []),
                indexes.get(row["oid"], []),
            )
            for row in tables
            if not MIGRATIONS.search(row["plain"])
        },
        connection,
    )


def _by_table(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["table_oid"], []).append(row)
    return found


def _table(
    row: Row,
    names: Mapping[int, str],
    columns: Mapping[int, list[Row]],
    constraints: Iterable[Row],
    indexes: Iterable[Row],
) -> Table:
    constraints, indexes, own = list(constraints), list(indexes), columns.get(row["oid"], [])
    numbered = {column["number"]: column["name"] for column in own}
    checks = [held["definition"] for held in constraints if held["kind"] == "c"]
    return Table(
        name=names[row["oid"]],
        schema=row["schema"],
        plain=row["plain"],
        is_view=row["is_view"],
        rows=row["row_count"],
        readable=row["readable"],
        columns={column["name"]: _column(column, checks) for column in own},
        primary=next(
            (_named(held["numbers"], numbered) for held in constraints if held["kind"] == "p"), ()
        ),
        foreign=tuple(
            _foreign(held, numbered, names, columns) for held in constraints if held["kind"] == "f"
        ),
        uniques=tuple(
            Unique(_named(held["numbers"], numbered), held["predicate"])
            for held in indexes
            if held["is_unique"]
        ),
        predicates=tuple(held["predicate"] for held in indexes if held["predicate"]),
        checks=tuple(checks),
        excludes=tuple(held["definition"] for held in constraints if held["kind"] == "x"),
        oid=row["oid"],
    )


def _named(numbers: Iterable[int], numbered: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(numbered.get(number, "") for number in numbers)


def _column(row: Row, checks: Iterable[str]) -> Column:
    words = tuple(row["labels"]) or _words(row["name"], checks)
    names = (
        "name",
        "plain",
        "type",
        "base",
        "nullable",
        "is_made",
        "is_generated",
        "fallback",
        "number",
    )
    return Column(**{name: row[name] for name in names}, words=words)


def _words(column: str, checks: Iterable[str]) -> tuple[str, ...]:
    """Return the words that a check lets a column hold."""
    for check in checks:
        found = _ONE_OF.match(check)
        if found and found[1] == column:
            return tuple(literals(check))
        single = re.fullmatch(
            rf"CHECK \(+{re.escape(column)}\)?(::\w+)? = ('(?:[^']|'')*')::[\w ]+\)+", check
        )
        if single:
            return tuple(literals(single[2]))
    return ()


def literals(text: str) -> list[str]:
    """Return the text literals of an expression."""
    return [found.replace("''", "'") for found in _LITERAL.findall(text)]


def _foreign(
    held: Row,
    numbered: Mapping[int, str],
    names: Mapping[int, str],
    columns: Mapping[int, list[Row]],
) -> ForeignKey:
    target = {column["number"]: column["name"] for column in columns.get(held["target_oid"], [])}
    return ForeignKey(
        _named(held["numbers"], numbered),
        names.get(held["target_oid"], ""),
        _named(held["target_numbers"], target),
        held["on_delete"],
    )


def _counted(connection: Connection[Any], table: Table, column: str) -> dict[str, int]:
    asked = statements_of("platforms")["words"]
    text = sql.SQL(asked.parts[0]).format(
        column=sql.Identifier(table.columns[column].plain),
        table=sql.Identifier(table.schema, table.plain),
    )
    counting = Statement("words", (text.as_string(connection),), asked.values)
    rows = Tables(connection, {"words": counting}).rows("words", glance=GLANCE, most=MOST_WORDS)
    return {row["word"]: row["row_count"] for row in rows}
