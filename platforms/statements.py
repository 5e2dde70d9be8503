"""SQL from files: named statements, with the relations of a description put under the gate's own.

The gate's SQL names canonical relations, ``FROM events``, and ids by their meaning,
``:ids::event_id[]``. When it is loaded, a statement gets the description's SELECTs as inlined
common table expressions, so that PostgreSQL plans them as if they had been written there. Values
are always bound; ``:name`` stands for one. A library that loads named statements knows neither
relations nor several statements of one name, and stumbles over what others write in theirs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege
from psycopg.rows import dict_row

from platforms.obstacles import demand_unfiltered

Row = dict[str, Any]

SQL = Path(__file__).parents[1] / "sql"
_NAME = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)
# Texts, whatever stands in them: E'...' takes a backslash before a quote.
_TEXT = r"""
    (?P<text>\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
"""
_TOKEN = re.compile(
    _TEXT
    + r"""|(?P<comment>--[^\n]*|/\*.*?\*/)
    |(?P<cast>::)
    |(?<![\w:]):(?P<value>[a-z_]\w*)
    |(?P<end>;)""",
    re.VERBOSE | re.DOTALL,
)
_SOURCE = re.compile(
    _TEXT + r"|(?P<from>\b(?:FROM|JOIN)\s+(?:ONLY\s+)?)(?P<name>\w+)\b(?!\s*[.(])(?P<own>\s+AS\b)?",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ID_TYPE = re.compile(r"::(tenant|event|invoice)_id\b")
_ID_HASH = re.compile(r"\bhash_(tenant|event|invoice)_id\(")
_HASHES = {"uuid": "uuid_hash_extended", "bigint": "hashint8extended", "text": "hashtextextended"}


class BadStatement(Exception):
    """A file of statements cannot be read; ``line`` is where, counted from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Statement:
    """One name's statements, to be executed in their order; ``line`` is where the name stands.

    ``parts`` are in psycopg's own writing, their lines as in the file, where they begin at
    ``lines``; ``values`` are the names of what is bound. What asks for no rows of
    the platform is ``planned_once`` in a session that is kept.
    """

    name: str
    parts: tuple[str, ...]
    values: frozenset[str]
    line: int = 0
    lines: tuple[int, ...] = ()
    planned_once: bool = False

    def written_out(self, **values: object) -> str:
        """Return the statements in one line with their values in place, for a person to run."""
        literals = {
            name: value.as_string()
            if isinstance(value, sql.SQL)
            else sql.Literal(value).as_string()
            for name, value in values.items()
        }
        return " ".join(" ".join((part % literals).split()) + ";" for part in self.parts)


Statements = Mapping[str, Statement]


def parse(text: str) -> dict[str, Statement]:
    """Read named statements. Raises :class:`BadStatement` for a name without one, or with two."""
    statements: dict[str, Statement] = {}
    heads = list(_NAME.finditer(text))
    for head, following in zip_longest(heads, heads[1:]):
        line = text.count("\n", 0, head.start()) + 1
        body = text[head.end() : following.start() if following else len(text)]
        texts, values = _bound(body)
        parts = tuple(filter(None, (text.strip() for text in texts)))
        if head[1] in statements:
            raise BadStatement(f"{head[1]} is there twice", line)
        if not parts:
            raise BadStatement(f"{head[1]} has no statement", line)
        lines = tuple(_lines(texts, line))
        statements[head[1]] = Statement(head[1], parts, frozenset(values), line, lines)
    return statements


def _lines(texts: Iterable[str], line: int) -> Iterator[int]:
    """Say in which line each text begins that is not blank; the first one begins in ``line``."""
    for text in texts:
        if text.strip():
            yield line + text[: len(text) - len(text.lstrip())].count("\n")
        line += text.count("\n")


def _bound(body: str) -> tuple[list[str], set[str]]:
    """Split at semicolons, blank out comments, and write values as psycopg reads them."""
    parts, values, place = [""], set(), 0
    for token in _TOKEN.finditer(body):
        parts[-1] += _escaped(body[place : token.start()])
        place = token.end()
        if token["value"]:
            values.add(token["value"])
            parts[-1] += f"%({token['value']})s"
        elif token["end"]:
            parts.append("")
        elif token["text"] or token["cast"]:
            parts[-1] += _escaped(token[0])
        else:
            parts[-1] += "\n" * token["comment"].count("\n") or " "
    parts[-1] += _escaped(body[place:])
    return parts, values


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def compose(
    statement: Statement, relations: Mapping[str, str], ids: Mapping[str, str]
) -> Statement:
    """Put the relations that a statement names under it, and its ids into their types."""
    composed = [_composed(part, relations, ids) for part in statement.parts]
    once = statement.planned_once and not any(named for _, named in composed)
    return replace(statement, parts=tuple(part for part, _ in composed), planned_once=once)


def _composed(
    part: str, relations: Mapping[str, str], ids: Mapping[str, str]
) -> tuple[str, Iterable[str]]:
    """Return a part as it is sent, and the relations that it names."""
    named: dict[str, None] = {}

    def source(found: re.Match[str]) -> str:
        name = found["name"]
        if found["text"] or name not in relations:
            return found[0]
        named[name] = None
        return f"{found['from']}{_under(name)}" + (found["own"] or f" AS {name}")

    part = _SOURCE.sub(source, part)
    part = _ID_TYPE.sub(lambda found: f"::{ids[found[1]]}", part)
    part = _ID_HASH.sub(lambda found: f"{_HASHES[ids[found[1]]]}(", part)
    if not named:
        return part, named
    under = ", ".join(f"{_under(name)} AS NOT MATERIALIZED ({relations[name]})" for name in named)
    own = re.match(r"WITH\s", part, re.IGNORECASE)
    return (f"WITH {under}, {part[own.end() :]}" if own else f"WITH {under} {part}"), named


def _under(name: str) -> str:
    """Name a relation as no platform names a table: its SELECT may be from one called likewise."""
    return f"p9a_{name}"


def gate_statements() -> dict[str, Statement]:
    """Read the gate's own statements."""
    return dict(_own_statements())


@cache
def _own_statements() -> dict[str, Statement]:
    own = statements_of("acceptance")
    return {name: replace(statement, planned_once=True) for name, statement in own.items()}


@cache
def statements_of(folder: str) -> dict[str, Statement]:
    """Read the statements of a folder of ``sql``."""
    statements: dict[str, Statement] = {}
    for path in sorted((SQL / folder).glob("*.sql")):
        statements |= parse(path.read_text(encoding="utf-8"))
    return statements


@dataclass(frozen=True)
class Tables:
    """What the gate reads and writes through one connection: named statements with bound values.

    A self-test holds every call against the files, name by name and value by value.
    """

    connection: Connection[Any]
    statements: Statements = field(repr=False)

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Return every row.

        Here and below, raises :class:`~platforms.obstacles.Aborted` where a policy would hide some.
        """
        return list(self._execute(name, values)[0])

    def row(self, name: str, /, **values: Any) -> Row | None:
        """Return the first row, if there is one."""
        rows = self.rows(name, **values)
        return rows[0] if rows else None

    def value(self, name: str, /, **values: Any) -> Any:
        """Return the first column of the first row; None where there is no row."""
        row = self.row(name, **values)
        return None if row is None else next(iter(row.values()))

    def act(self, name: str, /, **values: Any) -> int:
        """Execute what answers nothing; return how many rows the last statement touched."""
        return self._execute(name, values)[1]

    def act_at_once(self, name: str) -> None:
        """Execute statements that bind nothing, and answer nothing, by one message."""
        with self.connection.cursor() as cursor:
            cursor.execute("; ".join(self.statements[name].parts), prepare=False)

    def act_on_all(self, name: str, sets: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Execute once for each set of values, and return what each answered first, if anything.

        One statement is sent for all of them together; several are executed set by set.
        """
        statement = self.statements[name]
        if len(statement.parts) > 1:
            return [self.value(name, **values) for values in sets]
        bound = [{key: values[key] for key in statement.values} for values in sets]
        told: list[Any] = []
        with self.connection.cursor() as cursor:
            cursor.executemany(statement.parts[0], bound, returning=True)
            for _ in sets:
                row = cursor.fetchone() if cursor.description else None
                told.append(row[0] if row else None)
                cursor.nextset()
        return told

    def _execute(self, name: str, values: Mapping[str, Any]) -> tuple[Iterable[Row], int]:
        statement = self.statements[name]
        bound = {key: values[key] for key in statement.values}
        rows: list[Row] = []
        with self.connection.cursor(row_factory=dict_row) as cursor:
            try:
                for part in statement.parts:
                    cursor.execute(part, bound, prepare=statement.planned_once)
                    rows = cursor.fetchall() if cursor.description else []
            except InsufficientPrivilege as error:
                demand_unfiltered(error, self.connection.info.user)
                raise
            return rows, cursor.rowcount

    def rows_of(self, name: str, table: str, column: str, **values: Any) -> list[Row]:
        """Return every row of a statement about a table and its column, as SQL writes them."""
        asked = statements_of("platforms")[name]
        names = {"table": sql.SQL(table), "column": sql.SQL(column)}
        text = sql.SQL(asked.parts[0]).format(**names).as_string()
        return Tables(self.connection, {name: replace(asked, parts=(text,))}).rows(name, **values)

    def rows_since(self, table: str, transaction: str) -> int:
        """Count the rows of a table, named as in SQL, that are younger than a transaction."""
        name = sql.Identifier(*self.value("parts_of_name", name=table)).as_string()
        asked = self.statements["rows_since"]
        parts = tuple(part.replace("looked_at", _escaped(name)) for part in asked.parts)
        counted = Tables(self.connection, {"rows_since": replace(asked, parts=parts)})
        return int(counted.value("rows_since", transaction=transaction))
