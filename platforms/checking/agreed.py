"""What was agreed, as tables hold it: that it can be read, and means something to the gate."""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import Connection

from platforms.checking.findings import Finding, Level
from platforms.description import RELATIONS, Described
from platforms.obstacles import UNREADABLE, first_line
from platforms.places import line_of_column
from platforms.relations.agreed import WORDS
from platforms.relations.survey import origins
from platforms.statements import Row, Statement, Tables, compose, statements_of
from runbook.words import counted

GLANCE, MOST = 10_000, 20


def check_agreed(
    connection: Connection[Any], described: Described, own: Mapping[str, Statement]
) -> Iterator[Finding]:
    """Hold what terms, agreements and tiers tell against what a contract may have."""
    told = {name: own[name] for name in ("terms", *WORDS) if name in own}
    unread = [found for one in told.values() for found in _unread(connection, described, one)]
    yield from unread
    if unread:
        return
    for name, statement in told.items():
        columns = origins(connection, statement)
        for column, known in WORDS.get(name, {}).items():
            if column in columns:
                yield from _unknown(connection, described, statement, column, known)
        if "currency" in columns:
            yield from _in_lower_case(connection, described, statement)
    if "tiers" in told:
        yield from _of_no_terms(connection, described, told)


def _unread(
    connection: Connection[Any], described: Described, statement: Statement
) -> Iterator[Finding]:
    """Read the rows that there are, as a run does; name the first column that cannot be read."""
    try:
        _words(connection, statement, "told")
    except UNREADABLE as whole:
        for column in origins(connection, statement):
            try:
                _words(connection, statement, column)
            except UNREADABLE as error:
                words = f"{statement.name}.{column} cannot be read of every row, which would end a "
                words += f"run: {first_line(error)}"
                yield _wrong(described, statement, column, words)
                return
        words = f"{statement.name} cannot be read: {first_line(whole)}"
        yield Finding(Level.WRONG, words, described.folder / RELATIONS, statement.line)


def _words(connection: Connection[Any], statement: Statement, column: str) -> list[Row]:
    """Count the different words of a column, or of all of a row, which is "told"."""
    with connection.transaction():
        return Tables(connection, {}).rows_of(
            "words", f"({statement.parts[0]}) AS told", column, glance=GLANCE, most=MOST
        )


def _unknown(
    connection: Connection[Any],
    described: Described,
    statement: Statement,
    column: str,
    known: tuple[str, ...],
) -> Iterator[Finding]:
    for row in _words(connection, statement, column):
        if row["word"] not in known:
            number = counted(row["row_count"], "row")
            words = f"{statement.name}.{column} holds '{row['word']}' ({number}), which is none of "
            words += f"{', '.join(known)}: say with CASE which it is"
            yield _wrong(described, statement, column, words)


def _in_lower_case(
    connection: Connection[Any], described: Described, statement: Statement
) -> Iterator[Finding]:
    for row in _words(connection, statement, "currency"):
        if row["word"] != row["word"].upper():
            number = counted(row["row_count"], "row")
            words = f"{statement.name}.currency holds '{row['word']}' ({number}), and codes are in "
            words += "upper case: select upper(...)"
            yield _wrong(described, statement, "currency", words)


def _of_no_terms(
    connection: Connection[Any], described: Described, own: Mapping[str, Statement]
) -> Iterator[Finding]:
    """Tell that tiers name terms otherwise than terms do, so that no tier is ever compared."""
    asked = statements_of("platforms")["tiers_of_terms"]
    relations = {name: own[name].parts[0] for name in ("terms", "tiers")}
    counting = compose(asked, relations, described.description.ids.model_dump())
    row = Tables(connection, {"tiers_of_terms": counting}).row("tiers_of_terms")
    if row and row["tier_count"] and not row["known_count"]:
        number = counted(row["tier_count"], "row")
        words = f"tiers.terms_id is never what terms has as id ({number}), so that no tier is "
        words += "compared: select in both the same"
        yield _wrong(described, own["tiers"], "terms_id", words)


def _wrong(described: Described, statement: Statement, column: str, words: str) -> Finding:
    line = line_of_column(statement, column)
    return Finding(Level.WRONG, words, described.folder / RELATIONS, line)
