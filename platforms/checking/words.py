"""The words of statuses: those that tables hold and no list names, and those that nothing holds."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from psycopg import Connection

from platforms.checking.findings import Finding, warn, wrong
from platforms.description import Described
from platforms.drafting.catalogue import Catalogue
from platforms.drafting.naming import INACTIVE_WORDS
from platforms.relations.survey import origins
from platforms.statements import Statement, Tables, compose, statements_of
from runbook.words import counted

MOST = 100
# An enum that is cast to text comes from no column, as PostgreSQL tells it.
_CAST = re.compile(r"::text(?=\s+AS\s+status\b)", re.IGNORECASE)


def check_words(
    connection: Connection[Any],
    catalogue: Catalogue,
    described: Described,
    own: Mapping[str, Statement],
) -> Iterator[Finding]:
    """Hold the words of invoices and tenants against the tables, and what these allow."""
    yield from _invoices(connection, catalogue, described, own["invoices"])
    yield from _tenants(connection, catalogue, described, own["tenants"])


def _invoices(
    connection: Connection[Any], catalogue: Catalogue, described: Described, statement: Statement
) -> Iterator[Finding]:
    folder, keys = described.folder, ("words", "invoice")
    lists = described.description.words.invoice.model_dump()
    named = {word: stands for stands, words in lists.items() for word in words}
    held = _held(connection, statement)
    allowed, where = _allowed(connection, catalogue, statement)
    for word, number in held.items():
        if word not in named:
            rows = counted(number, "row")
            yield wrong(
                folder,
                keys,
                f"invoices.status holds '{word}' ({rows}), which no list names, so it blocks a "
                f"period",
            )
    for word in allowed:
        if word not in named and word not in held:
            words = f"{where} may be '{word}' (0 rows), which no list names, so it blocks a period"
            yield warn(folder, keys, words)
    for word, stands in named.items():
        if word not in held and allowed and word not in allowed:
            yield warn(folder, (*keys, stands, word), f"{where} is never '{word}'")
        elif word not in held and not allowed:
            words = f"no row of invoices is '{word}', and nothing says that one may be"
            yield warn(folder, (*keys, stands, word), words)
    for word, stands in _twice(lists):
        yield wrong(folder, (*keys, stands, word), f"'{word}' is named twice")


def _twice(lists: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for stands, words in lists.items():
        for word in words:
            if word in seen:
                yield word, stands
            seen.add(word)


def _tenants(
    connection: Connection[Any], catalogue: Catalogue, described: Described, statement: Statement
) -> Iterator[Finding]:
    folder, keys = described.folder, ("words", "tenant", "active")
    active = described.description.words.tenant.active
    held = _held(connection, statement)
    allowed, where = _allowed(connection, catalogue, statement)
    for word in active:
        if word not in held and allowed and word not in allowed:
            yield warn(folder, (*keys, word), f"{where} is never '{word}'")
        elif word not in held and not allowed:
            words = f"no tenant is '{word}', and nothing says that one may be"
            yield warn(folder, (*keys, word), words)
    for word in dict.fromkeys((*held, *allowed)):
        if word not in active and word.lower() not in INACTIVE_WORDS:
            rows = counted(held.get(word, 0), "row")
            column = where or "tenants.status"
            words = f"{column} may be '{word}' ({rows}): such a tenant is not billed"
            yield warn(folder, keys, words)


def _held(connection: Connection[Any], statement: Statement) -> dict[str, int]:
    """Count the words that a relation's status is in the rows that there are."""
    asked = statements_of("platforms")["held_words"]
    counting = compose(asked, {"looked_at": statement.parts[0]}, {})
    rows = Tables(connection, {"held_words": counting}).rows("held_words", most=MOST)
    return {str(row["status"]): row["row_count"] for row in rows}


def _allowed(
    connection: Connection[Any], catalogue: Catalogue, statement: Statement
) -> tuple[tuple[str, ...], str]:
    """Return the words that a relation's status may be, and the column that it comes from."""
    bare = replace(statement, parts=tuple(_CAST.sub("", part) for part in statement.parts))
    oid, number = origins(connection, bare).get("status", (0, 0))
    for table in catalogue.tables.values():
        if table.oid == oid:
            for column in table.columns.values():
                if column.number == number:
                    return column.words, f"{table.name}.{column.name}"
    return (), ""
