"""The words of what is agreed: those that tables hold and that mean nothing to the gate."""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import Connection

from platforms.checking.findings import Finding, Level
from platforms.description import RELATIONS, Described
from platforms.places import line_of_column
from platforms.relations.agreed import WORDS
from platforms.relations.survey import origins
from platforms.statements import Statement, Tables
from runbook.words import counted

GLANCE, MOST = 10_000, 20


def check_agreed(
    connection: Connection[Any], described: Described, own: Mapping[str, Statement]
) -> Iterator[Finding]:
    """Hold the words of agreements and tiers against those that a contract may have."""
    for name in (name for name in WORDS if name in own):
        told = origins(connection, own[name])
        for column, known in WORDS[name].items():
            if column in told:
                yield from _held(connection, described, own[name], column, known)


def _held(
    connection: Connection[Any],
    described: Described,
    statement: Statement,
    column: str,
    known: tuple[str, ...],
) -> Iterator[Finding]:
    rows = Tables(connection, {}).rows_of(
        "words", f"({statement.parts[0]}) AS told", column, glance=GLANCE, most=MOST
    )
    line = line_of_column(statement, column)
    for row in rows:
        if row["word"] not in known:
            number = counted(row["row_count"], "row")
            words = f"{statement.name}.{column} holds '{row['word']}' ({number}), which is none of "
            words += f"{', '.join(known)}: say with CASE which it is"
            yield Finding(Level.WRONG, words, described.folder / RELATIONS, line)
