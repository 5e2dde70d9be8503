"""What runs left that were killed: it is taken away before a tenant is judged, or named."""

from dataclasses import dataclass

import psycopg

from fixtures.interrupts import uninterrupted
from fixtures.lock import TenantLock
from fixtures.residue import Residue, find_residue
from fixtures.watching import Watch
from oracle.period import Period
from platforms.obstacles import NOT_PERMITTED, Aborted, first_line
from platforms.relations.composing import Relations
from platforms.removing.removal import CannotRemove
from platforms.statements import Tables
from runbook.statuses import InvoiceStatus


@dataclass(frozen=True)
class Swept:
    """What became of a tenant's leftovers: names of what is ``gone``, and of what is ``kept``.

    ``why`` says what keeps it, and ``command`` removes it all the same, as the owner of the tables.
    It is ``forbidden`` where the session lacks the right. ``planted_by`` are the transactions that
    planted the seeds that are gone, where that is known.
    """

    gone: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    why: str = ""
    command: str = ""
    forbidden: bool = False
    planted_by: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return (
            f"{', '.join(self.kept)}, which cannot be removed as things are: {self.why}; remove it "
            f"as the owner of the tables, in psql, and run again: {self.command}"
        )


def sweep(tables: Tables, relations: Relations, lock: TenantLock) -> Swept:
    """Take away what dead runs left; where that is not allowed, X4 will name it.

    Raises :class:`~platforms.obstacles.Aborted` where it cannot be: nobody could tell the tenant's
    rows from theirs.
    """
    swept = take_away(tables, relations, lock)
    if swept.kept and not swept.forbidden:
        raise Aborted(f"an earlier run left {swept}")
    return swept


def take_away(tables: Tables, relations: Relations, lock: TenantLock) -> Swept:
    """Remove what dead runs left at the tenant that is locked, in one transaction.

    Raises :class:`~platforms.obstacles.Aborted` where one of them is not dead.
    """
    found = find_left(tables, relations, [lock.tenant_id])
    lock.demand_dead(found)
    for residue in found:  # one, or none: all of a tenant's is found together
        planted_by = Watch(tables, relations).writers("events", residue.seeds).values()
        try:
            with uninterrupted():
                beside = residue.remove(tables, relations.survey).beside
        except (CannotRemove, *NOT_PERMITTED) as error:
            forbidden = isinstance(error, psycopg.Error)
            command = residue.command(tables, relations.survey)
            return Swept((), residue.names, first_line(error), command, forbidden)
        return Swept((*beside, *residue.names), planted_by=frozenset(planted_by))
    return Swept()


def seeds_left(
    tables: Tables, relations: Relations, tenant_id: str, period: Period
) -> tuple[str, ...]:
    """Name the seeds that dead runs left in a period: they are none of the tenant's events."""
    left = find_left(tables, relations, [tenant_id])
    keys = (key for residue in left for key in residue.seeds.values())
    return tuple(key for key in keys if key.startswith(f"dryrun-{period.month}-"))


def find_left(tables: Tables, relations: Relations, tenant_ids: list[str]) -> tuple[Residue, ...]:
    """Find what runs of the gate left at these tenants, the tenants that have any alone."""
    withdrawn = relations.described.description.words.words(InvoiceStatus.WITHDRAWN)
    return find_residue(tables, withdrawn, tenant_ids)
