"""What is not as it was before the run: by its own doing, or by what the platform leaves."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from acceptance.workspace import Workspace
from fixtures.books import AddedRow, Comparison, Difference
from fixtures.database import snapshot
from fixtures.watching import Whose, sorted_out


def not_as_before(
    workspace: Workspace, added: Iterable[AddedRow] = (), *, to_confirm: bool = False
) -> tuple[Difference, ...]:
    """Name the rows that are not as before, but for the ``added`` ones.

    Others that are ``to_confirm`` may be somebody else's doing.
    """
    added = (*added, *workspace.withdrawn)
    differences = workspace.books.compare(workspace.tables, added).differences
    if workspace.platform.shares_transaction:
        return differences
    return _of_the_run(workspace, touched(workspace, differences), to_confirm=to_confirm)


def _of_the_run(
    workspace: Workspace, differences: Iterable[Difference], *, to_confirm: bool = False
) -> tuple[Difference, ...]:
    """Leave out what others changed that nobody judges."""
    own, workspace.meanwhile = sorted_out(workspace.watch, differences, to_confirm=to_confirm)
    return own


def changed_beside(workspace: Workspace, since: str) -> tuple[str, ...]:
    """Name what the platform has written since, and is none of the run's: at best it is as before.

    Where all is undone in the end, nobody else sees what is not.
    """
    books, watch = workspace.books, workspace.watch
    if workspace.platform.shares_transaction:
        kept = [row.id for row in workspace.withdrawn if row.relation == "invoices"]
        own = workspace.added_rows(workspace.made.seeds, {*workspace.made.ids, *kept})
        differences = books.compare(workspace.tables, own).differences
        return tuple(f"{row}, and is no row of the run" for row in differences)
    watch.mark()
    written = books.rewritten(workspace.tables, since)
    ids = [id for id, wrote in written.items() if watch.whose(wrote) is Whose.PLATFORM]
    keys = workspace.keys_of(ids).values()
    return tuple(f"event {key}, which is no seed, was written to" for key in keys)


def touched(workspace: Workspace, differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Leave out what may have arrived meanwhile: it was not a call of the run that wrote it."""
    differences = tuple(differences)
    arrived = {row.id for row in differences if row.arrived_meanwhile}
    others = arrived - workspace.anywhere.of_run("events", *arrived)
    return tuple(d for d in differences if not (d.arrived_meanwhile and d.id in others))


def look_again(workspace: Workspace) -> tuple[Comparison, tuple[AddedRow, ...]]:
    """Compare the books, and find the run's own rows, once everything is undone."""
    lasting = workspace.kept.rows if workspace.kept else ()
    if not workspace.platform.shares_transaction:
        lasting += workspace.withdrawn
    with snapshot(workspace.connection, read_only=True):
        comparison = workspace.books.compare(workspace.tables, lasting, whole=True)
        own = workspace.added_rows(workspace.made.seeds, workspace.made.ids)
    workspace.lock.demand()  # what was seen, no other run has changed
    residue = tuple(row for row in own if row not in lasting)
    if not workspace.kept and not residue:
        arrived = tuple(row for row in comparison.differences if row.arrived_meanwhile)
        rest = (row for row in comparison.differences if row not in arrived)
        comparison = replace(comparison, differences=(*arrived, *_of_the_run(workspace, rest)))
    return comparison, residue


def left_by_design(workspace: Workspace) -> list[dict[str, Any]]:
    """Count what the platform left in the tables that its description says it writes to."""
    left = left_since(workspace, workspace.began)
    words = "on record with a withdrawn draft"
    for table, rows in workspace.anywhere.on_record.items():
        left.append({"table": table, "rows": rows, "declared": True, "words": words})
    lasting = () if workspace.platform.shares_transaction else workspace.withdrawn
    for table in dict.fromkeys(row.table for row in lasting):
        rows = sum(row.table == table for row in lasting)
        words = "a withdrawn draft, kept on record"
        left.append({"table": table, "rows": rows, "declared": True, "words": words})
    return [one for one in left if one["rows"]]


def left_since(workspace: Workspace, transaction: str) -> list[dict[str, Any]]:
    """Count what was written since to the tables that the description declares."""
    if workspace.platform.shares_transaction:
        return []
    counts = {
        name: workspace.tables.rows_since(name, transaction)
        for name in workspace.description.leaves
    }
    leaves = workspace.description.leaves
    return [
        {"table": table, "rows": rows, "declared": True, "words": leaves[table]}
        for table, rows in counts.items()
        if rows
    ]
