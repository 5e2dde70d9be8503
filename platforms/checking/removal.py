"""Whether what the run makes can be removed: what points to it is removed before, or lets go.

What points to an invoice, or to an event, must be deleted before it, or let go of it; the database
deletes along with it what is declared so.
"""

from collections.abc import Iterator, Mapping

from platforms.checking.findings import Finding, Level
from platforms.description import RELATIONS, Described
from platforms.drafting.catalogue import Catalogue
from platforms.roles.deriving import Accesses, accesses
from platforms.statements import Statement

CASCADES = frozenset({"c", "n", "d"})  # deletes along, or sets NULL or the default


def check_removal(
    catalogue: Catalogue, described: Described, own: Mapping[str, Statement]
) -> Iterator[Finding]:
    """Hold the order in which rows are removed against the foreign keys."""
    taken: set[str] = set()
    for name in ("remove_invoices", "remove_events"):
        if name in own:
            yield from _check(catalogue, described, own[name], taken)


def _check(
    catalogue: Catalogue, described: Described, statement: Statement, taken: set[str]
) -> Iterator[Finding]:
    """Follow the parts in their order; ``taken`` are the tables that earlier ones let go of."""
    path = described.folder / RELATIONS
    for number, line in enumerate(statement.lines):
        done = accesses(described, [_part(statement, number)])
        taken |= {name for name, access in done.items() if access.deletes or access.updates}
        for table in _deleted(done):
            for pointing in catalogue.pointing_to(table):
                if pointing.name in taken or pointing.name == table:
                    continue
                for key in pointing.foreign:
                    if key.target == table and key.on_delete not in CASCADES:
                        words = (
                            f"{statement.name} deletes from {table} what {pointing.name}."
                            f"{key.columns[0]} may still point to: delete there first"
                        )
                        yield Finding(Level.WRONG, words, path, line)


def _part(statement: Statement, number: int) -> Statement:
    return Statement(
        statement.name,
        (statement.parts[number],),
        statement.values,
        statement.line,
        (statement.lines[number],),
    )


def _deleted(done: Accesses) -> list[str]:
    return [name for name, access in done.items() if access.deletes]
