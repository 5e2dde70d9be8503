"""Whether the table of events takes the finding types of seeds: by its types, checks and keys."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import psycopg
from psycopg import Connection
from sqlglot import exp

from platforms.checking.expressions import inserted
from platforms.checking.findings import Finding, wrong
from platforms.description import Described
from platforms.drafting.catalogue import Catalogue, Column, ForeignKey, Table, read_catalogue
from platforms.obstacles import NOT_PERMITTED
from platforms.relations.reading import read_statements
from platforms.removing.wording import asking
from platforms.statements import Statement
from platforms.trees import NoTree, tree_of

KEYS = ("words", "finding_types")
FINDING_TYPE = "finding_type"
LONGEST = re.compile(r"character(?: varying)?\((\d+)\)")
_VALUE = re.compile(r"%\((\w+)\)s")
REMEDY = "say in [words] which of its own a seed may have: finding_types"


def check_seeds(
    connection: Connection[Any],
    catalogue: Catalogue,
    described: Described,
    own: Mapping[str, Statement],
) -> Iterator[Finding]:
    """Hold the finding types that seeds are planted with against the column that takes them."""
    planting = own.get("plant_event")
    for table, column in _places(catalogue, planting) if planting else ():
        for word in described.description.words.finding_types:
            why = _why_not(connection, table, column, word)
            if why:
                where = f"{table.name}.{column.name}"
                yield wrong(described.folder, KEYS, f"{where} {why}: {REMEDY}")


def why_not_taken(connection: Connection[Any], described: Described, refused: psycopg.Error) -> str:
    """Say that finding types are why seeds were refused, and what to do; nothing where not."""
    catalogue, own = read_catalogue(connection), read_statements(described)
    found = next(check_seeds(connection, catalogue, described, own), None)
    if found is not None:
        return found.words
    said = f"{refused.diag.message_primary} {refused.diag.message_detail}"
    said = said.partition("Failing row contains")[0]  # a row holds what is right, too
    odd = [word for word in described.description.words.finding_types if word in said]
    return f"it does not take the finding type {odd[0]}: {REMEDY}" if odd else ""


def _places(catalogue: Catalogue, planting: Statement) -> Iterator[tuple[Table, Column]]:
    """Yield the column that is given the finding type as it is, not by way of an expression."""
    for part in planting.parts:
        names = list(dict.fromkeys(_VALUE.findall(part)))
        try:
            inserts = list(tree_of(part).find_all(exp.Insert))
        except NoTree:
            continue  # the database has read it, or has said why not
        number = names.index(FINDING_TYPE) + 1 if FINDING_TYPE in names else 0
        for table, name, value in chain.from_iterable(inserted(catalogue, one) for one in inserts):
            bare = value.this if isinstance(value, exp.Cast) else value
            column = table.columns.get(name)
            if column and bare.sql(dialect="postgres") == f"${number}":
                yield table, column


def _why_not(connection: Connection[Any], table: Table, column: Column, word: str) -> str:
    """Say why a column does not take a word; nothing where it may."""
    if column.words and word not in column.words:
        return f"is never '{word}', but {', '.join(column.words)}"
    longest = LONGEST.fullmatch(column.type)
    if longest and len(word) > int(longest[1]):
        return f"is {column.type}, and '{word}' has {len(word)} letters"
    for key in table.foreign:
        if key.columns == (column.name,) and not _is_there(connection, key, word):
            return f"points to {key.target}, which has no '{word}'"
    return ""


def _is_there(connection: Connection[Any], key: ForeignKey, word: str) -> bool:
    """Tell whether the table that is pointed to has the word, or cannot be asked."""
    asked = asking(connection, "word_is_there", table=key.target, column=key.target_columns[0])
    try:
        with connection.transaction():
            return bool(asked.value("word_is_there", word=word))
    except NOT_PERMITTED:
        return True
