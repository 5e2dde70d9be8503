"""Statements as trees: what they name and do, whatever their writing."""

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from platforms.places import sent

MOST = 256


class NoTree(Exception):
    """A statement cannot be read; the message says why, in one line."""


@lru_cache(maxsize=MOST)
def tree_of(part: str) -> exp.Expr:
    """Return a statement as a tree, which nobody may change. Raises :class:`NoTree`."""
    try:
        return sqlglot.parse_one(sent(part), dialect="postgres")
    except SqlglotError as error:
        raise NoTree(str(error).splitlines()[0]) from None


def table_name(table: exp.Table) -> str:
    """Return the name of a table as it is written, with its schema."""
    return ".".join(part.sql(dialect="postgres") for part in table.parts)
