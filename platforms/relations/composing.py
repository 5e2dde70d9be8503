"""The gate's own statements, composed over a description's relations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from oracle.bill import Facts
from platforms.description import LINE_FACTS, Described, Description
from platforms.relations.canonical import READ_COLUMNS, Column
from platforms.relations.columns import hashed_as_text, read_as_text
from platforms.relations.misfits import misfits
from platforms.relations.reading import read_statements
from platforms.relations.survey import Survey, survey
from platforms.statements import Statement, Statements, compose, gate_statements


@dataclass(frozen=True)
class Relations:
    """A description's statements, and the gate's own composed over them."""

    described: Described
    survey: Survey
    statements: Statements = field(repr=False)

    @property
    def stored(self) -> Facts:
        """Which facts of a bill the tables tell about an invoice."""
        invoices, lines = self.survey.columns["invoices"], self.survey.columns.get("lines", ())
        bill = {"currency", "event_count", "recovered_amount", "gain_share_amount"}
        return Facts(frozenset(bill & set(invoices)), LINE_FACTS & frozenset(lines))


def load(connection: Connection[Any], described: Described) -> Relations:
    """Hold a description against the database, whole, before anything is judged.

    Raises :class:`~platforms.relations.reading.BadRelation` for the first thing that does not fit.
    """
    bad = next(iter(misfits(connection, described)), None)
    if bad is not None:
        raise bad
    own = read_statements(described)
    surveyed = survey(connection, described, own)
    return Relations(described, surveyed, composed(described, surveyed))


def composed(described: Described, surveyed: Survey) -> Statements:
    """Return every statement that a run may use."""
    own = read_statements(described)
    relations = {
        name: _canonical(own, name, surveyed, described.description) for name in READ_COLUMNS
    }
    ids = described.description.ids.model_dump()
    gate = {name: compose(one, relations, ids) for name, one in gate_statements().items()}
    return gate | {name: one for name, one in own.items() if name not in READ_COLUMNS}


_NULLS = {
    "slug": "text",
    "entity": "text",
    "event_count": "bigint",
    "recovered_amount": "numeric",
    "idempotency_key": "text",
    "created_at": "timestamptz",
    "issued_at": "timestamptz",
    "paid_at": "timestamptz",
    "event_id": "event",
    "finding_type": "text",
    "rate": "numeric",
    "category": "text",
}


def _canonical(
    own: Mapping[str, Statement], name: str, surveyed: Survey, description: Description
) -> str:
    """Return a relation with every canonical column, in a form that serves every comparison.

    What it has not is NULL.
    """
    ids = description.ids.model_dump()
    if name not in own:
        nulls = ", ".join(
            f"NULL::{_null_type(column, known, ids)} AS {column}"
            for column, known in READ_COLUMNS[name].items()
        )
        return f"SELECT {nulls} WHERE false"
    select = own[name].parts[0]
    if name in surveyed.unhashed:
        select = hashed_as_text(select)
    missing = [c for c in READ_COLUMNS[name] if c not in surveyed.columns[name]]
    if not missing and not surveyed.words[name]:
        return select
    told = [read_as_text(name, surveyed.columns[name], surveyed.words[name])]
    known = READ_COLUMNS[name]
    told += [f"NULL::{_null_type(c, known[c], ids)} AS {c}" for c in missing]
    return f"SELECT {', '.join(told)} FROM ({select}) AS {name}"  # noqa: S608 - identifiers, and the description's own SELECT


def _null_type(column: str, known: Column, ids: Mapping[str, str]) -> str:
    if column in _NULLS:
        return ids.get(_NULLS[column], _NULLS[column])
    type_ = known.types[0] if known.types else "text"
    return ids.get(type_, type_)
