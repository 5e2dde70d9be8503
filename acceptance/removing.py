"""Removing what the run made, in one go that nobody interrupts."""

from contextlib import suppress

from acceptance.drafts import wait_for_what_may_come
from acceptance.workspace import Workspace
from fixtures.calls import Refusal
from fixtures.interrupts import uninterrupted
from platforms.removing.removal import CannotRemove


def remove_made(workspace: Workspace) -> int:
    """Delete what the run put there, in one go; return how many seeds that were."""
    wait_for_what_may_come(workspace)
    with uninterrupted(), workspace.watch.noted():
        workspace.made.adopt(workspace.tables)
        seeds = workspace.made.remove(
            workspace.tables, whole=not workspace.platform.shares_transaction
        )
    # A withdrawn invoice that was made of seeds has gone with them.
    ids = [row.id for row in workspace.withdrawn if row.relation == "invoices"]
    workspace.withdrawn = workspace.added_rows(invoice_ids=ids)
    return seeds


def remove_invoices(workspace: Workspace) -> Refusal | None:
    """Delete the invoices that the run made so far: for a platform that cannot cancel."""
    try:
        with uninterrupted(), workspace.watch.noted():
            workspace.made.remove_invoices(workspace.tables)
    except CannotRemove as error:
        return Refusal("cannot_be_removed", str(error))
    return None


def remove_what_can_be(workspace: Workspace) -> None:
    """Delete what is still there; what cannot be is told by a last look."""
    with suppress(CannotRemove):
        remove_made(workspace)
