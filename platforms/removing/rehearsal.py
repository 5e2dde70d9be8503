"""What can be known of a removal before anything is made."""

from collections.abc import Iterable, Iterator

import psycopg

from platforms.description import Description
from platforms.obstacles import NOT_PERMITTED, OBSTACLES, first_line
from platforms.relations.survey import Survey
from platforms.removing.guards import Kept, guards_of, keeps
from platforms.removing.removal import CannotRemove, names_of
from platforms.statements import Tables
from runbook.statuses import InvoiceStatus

NOBODY = {"uuid": "00000000-0000-4000-8000-000000000000", "bigint": "-1", "text": "p9a-nobody"}


def delete_nothing(tables: Tables, tenant_id: str) -> None:
    """Delete no row by each statement: whether it may, and what meets every deletion.

    Raises :class:`~platforms.removing.removal.CannotRemove`.
    """
    for name in ("remove_invoices", "remove_events"):
        try:
            tables.act(name, ids=[], tenant_id=tenant_id)
        except psycopg.Error as error:
            if isinstance(error, (*OBSTACLES, *NOT_PERMITTED)) or tables.connection.broken:
                raise
            raise CannotRemove(first_line(error)) from None


def kept_invoices(
    tables: Tables,
    survey: Survey,
    description: Description,
    tenant_id: str,
    statuses: Iterable[InvoiceStatus],
) -> Iterator[str]:
    """Say what keeps invoices that get so far, or a line of one, from being deleted.

    One that is kept without a word may have become another, as where a draft that is deleted stays
    on record: it is kept for good where an invoice of every status is.
    """

    def kept(word: str) -> Kept | None:
        return _kept(tables, survey, "invoices", sample | {"status": word})

    sample = {"id": NOBODY[description.ids.invoice], "tenant_id": tenant_id}
    words = [word for status in statuses for word in description.words.words(status)]
    for word in words:
        why = kept(word)
        others = (kept(word) for word in description.words.words(*InvoiceStatus))
        if why and not (why.silently and any(other is None for other in others)):
            yield f"{why.why}, of one that is {word}"
    line = {"invoice_id": sample["id"]}
    why = _kept(tables, survey, "lines", line) if words else None
    if why:
        yield why.why


def _kept(tables: Tables, survey: Survey, relation: str, sample: dict[str, str]) -> Kept | None:
    """Say what keeps a row of a relation from being deleted."""
    origins = survey.origins.get(relation, {})
    oid = origins.get("id", (0, 0))[0]
    guards = guards_of(tables.connection, oid) if oid else []
    if not guards:
        return None
    named = names_of(tables.connection, oid)
    shown = {
        named.columns[number]: sample[column]
        for column, (table, number) in origins.items()
        if column in sample and table == oid
    }
    return keeps(tables.connection, named.table, guards, shown)
