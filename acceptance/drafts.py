"""Drafts of the run: asked for, recorded as they are answered, and cancelled."""

from collections.abc import Callable
from functools import partial

from acceptance.elsewhere import made_elsewhere, unknown_there
from acceptance.workspace import Workspace
from fixtures.calls import Refusal, attempt, attempt_at_once
from fixtures.database import snapshot
from fixtures.interrupts import uninterrupted
from platforms.obstacles import Aborted, TurnedAway
from platforms.port import Invoice

LEAST_OF_NUMBER = 6  # characters of an invoice's number by which rows elsewhere are known
ACCEPTED = 202
LONGEST_WAIT, SHORT_WAIT = 30, 5  # seconds


def generate_draft(workspace: Workspace, purpose: str) -> tuple[str, Invoice | Refusal]:
    """Ask the platform for a draft, and record what it answers; return the key and that.

    An answer that names somebody else's invoice is refused: it must never be cancelled or paid.
    """
    key = workspace.made.key(purpose, workspace.target.period)
    with uninterrupted():
        draft = _recorded(workspace, key, attempt(_generating(workspace, key)))
    wait_for_what_may_come(workspace, draft)
    return key, draft


def generate_rival_drafts(workspace: Workspace, *purposes: str) -> list[Invoice | Refusal]:
    """Ask for several drafts at the same moment, under a key each, and record the answers."""
    keys = [workspace.made.key(purpose, workspace.target.period) for purpose in purposes]
    with uninterrupted():
        answers = attempt_at_once(*(_generating(workspace, key) for key in keys))
        drafts = [
            _recorded(workspace, key, draft) for key, draft in zip(keys, answers, strict=True)
        ]
    wait_for_what_may_come(workspace, *drafts)
    return drafts


def _generating(workspace: Workspace, key: str) -> Callable[[], Invoice]:
    return partial(_generate, workspace, key)


def _generate(workspace: Workspace, key: str) -> Invoice:
    try:
        return workspace.platform.generate_draft(workspace.tenant_id, workspace.target.period, key)
    except TurnedAway:
        workspace.made.refused(key)
        raise


def _recorded(workspace: Workspace, key: str, draft: Invoice | Refusal) -> Invoice | Refusal:
    _demand_same_database(workspace, key, draft)
    if isinstance(draft, Invoice) and _is_anothers(workspace, draft, key):
        why = f"the answer names {draft.name}, which was not made for this request"
        draft = Refusal("platform_error", why)
    if isinstance(draft, Invoice):
        workspace.made.answered(key, draft)
        workspace.watch.remember("invoices", draft.id)
        note(workspace, draft.id)
    elif not draft.lost:
        workspace.made.refused(key)
    return draft


def _demand_same_database(workspace: Workspace, key: str, draft: Invoice | Refusal) -> None:
    """Raise :class:`~platforms.obstacles.Aborted` where the platform works on another one."""
    if isinstance(draft, Invoice):
        why = made_elsewhere(workspace.platform, workspace.tables, workspace.tenant_id, draft)
    else:
        why = unknown_there(workspace.platform, workspace.tenant_id, draft)
    if why:
        workspace.made.refused(key)
        raise Aborted(why)


def _is_anothers(workspace: Workspace, draft: Invoice, key: str) -> bool:
    """Tell whether an answered invoice is one that the run has not made, and must not touch."""
    row = workspace.tables.row("invoice_origin", invoice_id=draft.id)
    if draft.id in workspace.made.known or row is None:
        return row is not None
    stored = row["idempotency_key"]
    if row["tenant_id"] != workspace.tenant_id:
        return True
    workspace.made.learn(stored)
    return stored != key and workspace.made.names_a_request(stored)


def wait_for_what_may_come(workspace: Workspace, *answers: Invoice | Refusal) -> None:
    """Wait for the invoices of requests whose answers were lost, once and not for long."""
    accepted = any(isinstance(one, Refusal) and one.status == ACCEPTED for one in answers)
    patience = workspace.target.api.patience if workspace.target.api else LONGEST_WAIT
    seconds = min(LONGEST_WAIT if accepted else SHORT_WAIT, patience)
    workspace.made.wait(workspace.tables, seconds)


def note(workspace: Workspace, invoice_id: str) -> None:
    """Remember which transaction has just made or moved an invoice of the run, and its number.

    In process there is no transaction but the run's own.
    """
    if not workspace.platform.shares_transaction:
        workspace.anywhere.note("invoices", invoice_id)
    row = workspace.tables.row("invoice_life", tenant_id=workspace.tenant_id, invoice_id=invoice_id)
    if row is not None and len(row["number"] or "") >= LEAST_OF_NUMBER:
        workspace.numbers.add(row["number"])


def cancel(workspace: Workspace, tenant_id: str, invoice_id: str) -> None:
    """Have the platform cancel a draft, and remember which transaction did so."""
    if workspace.platform.shares_transaction:
        workspace.platform.cancel(tenant_id, invoice_id)
        return
    with snapshot(workspace.connection, read_only=True):
        try:
            workspace.platform.cancel(tenant_id, invoice_id)
        finally:
            workspace.anywhere.note_taken("invoices", invoice_id)
