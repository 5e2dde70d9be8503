"""How rows are read whatever the types of their columns: hashed by their text, without padding."""

import re
from typing import Any

import psycopg
from psycopg import Connection, sql

from platforms.statements import Statement, statements_of

OWN_TYPE = "of a type of its own"  # an enum, citext
# What is compared as text: labels of an enum, and what is filled up with blanks.
AS_TEXT = ("bpchar", OWN_TYPE)
_TEXT = re.compile(r"'[^']*'")
_READ = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_][\w.]*)\s+(?:AS\s+)?([a-z_]\w*)", re.IGNORECASE)
_SELECT = re.compile(r"\bSELECT\b", re.IGNORECASE)
_HASHED = re.compile(r"\bhash_record_extended\(\s*(\w+)\s*,\s*(\d+)\s*\)", re.IGNORECASE)


def hashed_as_text(select: str) -> str:
    """Hash each row by its text, which every type has."""
    return _HASHED.sub(r"hashtextextended(\1::text, \2)", select)


def has_no_hash(connection: Connection[Any], statement: Statement) -> bool:
    """Tell whether a row that a SELECT hashes has a column of a type without a hash.

    Json, xml, points and money have none, nor has what is made of them. The server is asked with
    a row of NULLs, for the table may be empty now.
    """
    select = statement.parts[0]
    rows = {found[1].lower() for found in _HASHED.finditer(select)}
    return any(not _hashes(connection, table) for table in _tables(select, rows))


def _tables(select: str, aliases: set[str]) -> set[str]:
    """Return the tables that go by these names."""
    plain = _TEXT.sub("''", select)
    read = {name.lower(): table for table, name in _READ.findall(plain)}
    if aliases <= read.keys() and len(_SELECT.findall(plain)) <= 1:
        return {read[alias] for alias in aliases}
    return _tables_of_tree(select, aliases)


def _tables_of_tree(select: str, aliases: set[str]) -> set[str]:
    # Only a SELECT that is not plain pays for loading what reads any.
    from sqlglot import exp  # noqa: PLC0415

    from platforms.trees import NoTree, table_name, tree_of  # noqa: PLC0415

    try:
        named = list(tree_of(select).find_all(exp.Table))
    except NoTree:
        return set()  # the database has read it all the same: its digest is left as it is
    return {table_name(table) for table in named if table.alias_or_name.lower() in aliases}


def _hashes(connection: Connection[Any], table: str) -> bool:
    asked = statements_of("platforms")["hash_of_nulls"].parts[0]
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql.SQL(asked).format(table=sql.SQL(table)))
    except psycopg.errors.UndefinedFunction:
        return False
    except psycopg.errors.UndefinedObject:
        return True  # a WITH query's name: it is no table, and what it reads is not looked at
    return True


def read_as_text(name: str, columns: tuple[str, ...], words: frozenset[str]) -> str:
    """List the columns of a relation, some of them as text."""
    return ", ".join(f"{name}.{c}::text AS {c}" if c in words else f"{name}.{c}" for c in columns)
