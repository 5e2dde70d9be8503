"""Events that an invoice of the run bills, and that are none of its seeds."""

from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import Workspace
from fixtures.restoring import PutBack, put_back
from platforms.port import Invoice
from platforms.statements import Row


def put_claims_back(workspace: Workspace, invoice: Invoice, seeding: Seeding) -> tuple[str, ...]:
    """Say whose the events are that an invoice must not bill, and put them back as they were.

    Where a claim lies in other rows than the event's, it goes with the invoice.
    """
    rows = workspace.tables.rows("claimed_events", invoice_id=invoice.id)
    amiss = {row["id"]: row for row in rows if row["id"] not in seeding.ids}
    base = workspace.anywhere.grounds.bases.get("events")
    fates: dict[str, PutBack] = {}
    if amiss and base is not None and "invoice_id" in base.columns:
        witness = workspace.anywhere.witness
        for done in put_back(workspace.tables, witness, base, amiss, invoice.id):
            fates[done.id] = done
    return tuple(_words(workspace, row, fates.get(id)) for id, row in amiss.items())


def _words(workspace: Workspace, event: Row, fate: PutBack | None) -> str:
    own = event["tenant_id"] == workspace.tenant_id
    whose = "the tenant's own and no seed" if own else f"of tenant {event['tenant_id']}"
    words = f"event {event['key']}, {whose}, was billed too"
    if fate is None:
        return words
    if fate.reason:
        return f"{words}, and stays so ({fate.reason}); put it back with: {fate.command}"
    return f"{words} (the gate has put it back)"
