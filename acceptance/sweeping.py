"""What runs left that were killed: it is taken away before a tenant is judged, or named."""

from contextlib import suppress

from fixtures.interrupts import uninterrupted
from fixtures.lock import TenantLock
from fixtures.residue import Residue, find_residue
from oracle.period import Period
from platforms.obstacles import NOT_PERMITTED, Aborted
from platforms.relations import Relations
from platforms.removing.removal import CannotRemove
from platforms.statements import Tables
from runbook.statuses import InvoiceStatus


def sweep(tables: Tables, relations: Relations, lock: TenantLock) -> tuple[str, ...]:
    """Take away what dead runs left; where that is not allowed, X4 will name it.

    Raises :class:`~platforms.obstacles.Aborted` where it cannot be: nobody could tell the tenant's
    rows from theirs.
    """
    swept: list[str] = []
    found = _found(tables, relations, lock.tenant_id)
    lock.demand_dead(found)
    for residue in found:
        try:
            with uninterrupted(), suppress(*NOT_PERMITTED):
                swept += residue.remove(tables, relations.survey).beside
                swept += residue.names
        except CannotRemove as error:
            raise Aborted(
                f"an earlier run left {', '.join(residue.names)}, which cannot be removed as "
                f"things are: {error}; remove it as the owner of the tables, in psql, and run "
                f"again: {residue.command(tables, relations.survey)}"
            ) from None
    return tuple(swept)


def seeds_left(
    tables: Tables, relations: Relations, tenant_id: str, period: Period
) -> tuple[str, ...]:
    """Name the seeds that dead runs left in a period: they are none of the tenant's events."""
    left = _found(tables, relations, tenant_id)
    keys = (key for residue in left for key in residue.seeds.values())
    return tuple(key for key in keys if key.startswith(f"dryrun-{period.month}-"))


def _found(tables: Tables, relations: Relations, tenant_id: str) -> tuple[Residue, ...]:
    withdrawn = relations.described.description.words.words(InvoiceStatus.WITHDRAWN)
    return find_residue(tables, withdrawn, [tenant_id])
