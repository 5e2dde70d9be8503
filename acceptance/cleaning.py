"""Removes what dead runs left, tenant by tenant, and judges nothing.

A tenant that is named is locked first, so that nothing is said of it while a run is at work there.
Of all tenants, those are locked where something was found.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from acceptance.sweeping import Swept, find_left, take_away
from fixtures.database import reachable
from fixtures.lock import locked
from fixtures.recognising import judged_relations
from fixtures.target import Target
from platforms.obstacles import Aborted
from platforms.relations.composing import Relations
from platforms.sessions import demand_writable, server_of
from platforms.statements import Tables

# How to look where nobody can write.
LOOKING = "with pytest -m p9a --read-only"

Told = tuple[str, Swept | Aborted]


def clean(target: Target) -> Iterator[Told]:
    """Sweep the target's tenants, and tell of each what came of it.

    Of all tenants, nothing is told of those where nothing was left. Raises
    :class:`~platforms.obstacles.Aborted` where nothing can be said of any.
    """
    with target.session(target.conninfo or "") as connection:
        target = replace(target, server=server_of(connection))
        demand_writable(connection, LOOKING)
        relations = judged_relations(connection, target.described)
        tables = Tables(connection, relations.statements)
        for tenant_id in target.tenants or _with_something(tables, relations):
            try:
                with reachable(connection):
                    told: Swept | Aborted = _sweep(target, tables, relations, tenant_id)
            except Aborted as aborted:
                if connection.closed:
                    raise
                told = aborted
            yield tenant_id, told


def _with_something(tables: Tables, relations: Relations) -> tuple[str, ...]:
    tenants = [row["id"] for row in tables.rows("every_tenant")]
    return tuple(residue.tenant_id for residue in find_left(tables, relations, tenants))


def _sweep(target: Target, tables: Tables, relations: Relations, tenant_id: str) -> Swept:
    with locked(target, partial(target.session, target.conninfo or ""), tenant_id) as lock:
        lock.guard(tables.connection)
        swept = take_away(tables, relations, lock)
        known = swept.gone or swept.kept or tables.row("tenant", tenant_id=tenant_id)
    if not known:
        raise Aborted(
            f"{relations.survey.tables['tenants']} knows no tenant {tenant_id}: nothing was looked "
            f"for; is this the database that you mean?"
        )
    return swept
