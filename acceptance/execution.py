"""Step 2: generate a draft, compare every cent and line of it, and take it back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from acceptance.dry_run import DryRun, act_dry_run
from acceptance.seeding import Seeding
from acceptance.workspace import KeptDraft, Workspace
from fixtures.books import Difference, added_rows
from fixtures.findings import Finding, failed, found, listed, not_run
from fixtures.queries import queries
from fixtures.target import Target
from oracle.money import Line, Statement
from oracle.period import Period
from platforms.port import Invoice, Refusal, attempt
from runbook.registry import STEP_2
from runbook.words import counted

# A platform that keeps a cancelled draft on record has cleaned up too; the evidence says so.
WITHDRAWN = frozenset({"CANCELLED", "CANCELED", "VOID", "VOIDED"})


@dataclass(frozen=True)
class Cleanup:
    """What taking the draft back left: invoices on record as withdrawn, remains, other changes."""

    refusal: Refusal | None
    withdrawn: tuple[Invoice, ...]
    remains: tuple[str, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Execution:
    """What step 2 saw: the platform's answer, what then stood in the tables, and the cleanup.

    ``dry_run`` is step 1 at the moment of the draft: acted again where events arrived since.
    """

    dry_run: DryRun
    draft: Invoice | Refusal
    stored: tuple[Invoice, ...] = ()
    key: str = ""
    taken_numbers: frozenset[str] = frozenset()
    cleanup: Cleanup | None = None


def act_execution(workspace: Workspace, seeding: Seeding, dry_run: DryRun) -> Execution:
    """Generate the draft, read it back, and take it back."""
    connection, tenant_id = workspace.connection, workspace.tenant_id
    refusal = workspace.traces.refusal(workspace.connection)
    if refusal:
        return Execution(dry_run, refusal)
    known = [row["id"] for row in queries.invoice_ids(connection, tenant_id=tenant_id)]
    others = workspace.invoices_of_others()
    drafts: list[Execution] = []

    def generate(number: int) -> Execution:
        for earlier in drafts[-1:]:
            _take_back(workspace, earlier)
        current = dry_run
        if workspace.known_events() != dry_run.known_events:
            current = act_dry_run(workspace, dry_run.tenant, seeding)
        drafts.append(_generate(workspace, current, known, number))
        return drafts[-1]

    execution = workspace.while_quiet(generate)
    if isinstance(execution.draft, Refusal):
        return execution
    cleanup = _clean_up(workspace, seeding, execution, known)
    if workspace.invoices_of_others() != others:
        touched = "invoices of other tenants are not as before"
        cleanup = replace(cleanup, remains=(*cleanup.remains, touched))
    if cleanup.withdrawn:
        workspace.traces.forget(execution.key, execution.draft)
    return replace(execution, cleanup=cleanup)


def _generate(workspace: Workspace, dry_run: DryRun, known: list[UUID], number: int) -> Execution:
    key, draft = workspace.generate_draft("draft" if number == 1 else f"draft-{number}")
    queries.force_constraints(workspace.connection)
    taken = workspace.other_numbers(draft) if isinstance(draft, Invoice) else frozenset()
    return Execution(dry_run, draft, _stored(workspace, known), key, taken)


def _take_back(workspace: Workspace, execution: Execution) -> Refusal | None:
    if isinstance(execution.draft, Refusal):
        return execution.draft
    return attempt(workspace.platform.cancel, workspace.tenant_id, execution.draft.id)


def keep_draft(workspace: Workspace, dry_run: DryRun) -> Invoice | Refusal:
    """Make the draft once more, to stay, once step 2 has shown that it can be trusted."""
    key, draft = workspace.generate_draft("kept")
    expected = dry_run.expectation.statement
    if isinstance(draft, Invoice) and expected and not draft.bill.differences(expected):
        workspace.traces.forget(key, draft)
        rows = added_rows(workspace.connection, invoice_ids=[draft.id])
        workspace.keep(KeptDraft(draft.number, rows))
    return draft


def _clean_up(
    workspace: Workspace,
    seeding: Seeding,
    execution: Execution,
    known: list[UUID],
) -> Cleanup:
    connection = workspace.connection
    refusal = _take_back(workspace, execution)
    queries.force_constraints(connection)
    left = _stored(workspace, known)
    withdrawn = tuple(invoice for invoice in left if invoice.status in WITHDRAWN)
    remains = [f"{i.number} is still {i.status}" for i in left if i not in withdrawn]
    gone = {invoice.id for invoice in execution.stored} - {invoice.id for invoice in left}
    lines = sum(len(_lines(workspace, invoice_id)) for invoice_id in gone)
    if lines:
        remains.append(f"{counted(lines, 'line')} of the removed draft still there")
    workspace.withdrawn = added_rows(connection, invoice_ids=[i.id for i in withdrawn])
    return Cleanup(refusal, withdrawn, tuple(remains), workspace.differences(seeding.rows))


def _stored(workspace: Workspace, known: list[UUID]) -> tuple[Invoice, ...]:
    """The tenant's invoices that were not there before, with their lines, as the tables tell."""
    rows = queries.stored_invoices(
        workspace.connection, tenant_id=workspace.tenant_id, known_ids=known
    )
    return tuple(
        Invoice(
            id=row["id"],
            tenant_id=row["tenant_id"],
            number=row["invoice_number"],
            status=row["status"],
            period=Period(row["period_start"], row["period_end"]),
            bill=Statement(
                currency=row["currency"],
                event_count=row["event_count"],
                recovered_amount=row["recovered_amount"],
                gain_share_amount=row["gain_share_amount"],
                lines=_lines(workspace, row["id"]),
            ),
        )
        for row in list(rows)
    )


def _lines(workspace: Workspace, invoice_id: UUID) -> tuple[Line, ...]:
    rows = queries.stored_lines(workspace.connection, invoice_id=invoice_id)
    return tuple(Line(**row) for row in rows)


def judge_step_2(execution: Execution, target: Target) -> dict[str, Finding]:
    """Judge every check of step 2; without a draft there is nothing to compare or to clean up."""
    generated = _draft_is_generated(execution, target)
    if isinstance(execution.draft, Refusal):
        why = not_run("no draft was generated: see S2.1")
        return {"S2.1": generated, "S2.2": why, "S2.3": why}
    return {
        "S2.1": generated,
        "S2.2": _draft_equals_oracle(execution, execution.draft),
        "S2.3": _cleanup_is_complete(execution, execution.draft),
    }


def skipped_step_2(why: str) -> dict[str, Finding]:
    """Return the findings of a step 2 that was not acted."""
    return {check.id: not_run(why) for check in STEP_2.checks}


def _draft_is_generated(execution: Execution, target: Target) -> Finding:
    expected = f"one DRAFT for {target.period}"
    draft, stored = execution.draft, execution.stored
    if isinstance(draft, Refusal):
        return failed(
            str(draft),
            expected,
            f"{counted(len(stored), 'invoice')} stored all the same" if stored else "",
        )
    wrong = [] if len(stored) == 1 else [f"{len(stored)} new invoices stored: {_numbers(stored)}"]
    if draft.id not in {invoice.id for invoice in stored}:
        wrong.append(f"the answered invoice {draft.id} is not stored for the tenant")
    if draft.number in execution.taken_numbers:
        wrong.append(f"{draft.number} is the number of another invoice")
    if draft.stutter:
        wrong.append(f"it was asked for again under its key, for at first {draft.stutter}")
    for told in (draft, *stored):
        wrong += _identity_faults(told, draft, target)
    got = f"{counted(len(stored), 'invoice')} stored: {_numbers(stored)}"
    if not wrong:
        got = f"one {draft.status} for {draft.period}"
    return found(not wrong, got, expected, listed(dict.fromkeys(wrong)) or draft.number)


def _numbers(invoices: Iterable[Invoice]) -> str:
    return ", ".join(invoice.number for invoice in invoices) or "none"


def _identity_faults(told: Invoice, draft: Invoice, target: Target) -> list[str]:
    faults = []
    if told.tenant_id != draft.tenant_id:
        faults.append(f"answered for tenant {draft.tenant_id}, stored for {told.tenant_id}")
    if told.period != target.period:
        faults.append(f"period {told.period}")
    if told.status != "DRAFT":
        faults.append(f"status {told.status}")
    if not told.number or told.number != draft.number:
        faults.append(f"number {told.number!r}")
    return faults


def _draft_equals_oracle(execution: Execution, draft: Invoice) -> Finding:
    expected = execution.dry_run.expectation.statement
    if expected is None:
        return not_run("the oracle has no total: see S1.4")
    wrong = [f"answered: {text}" for text in draft.bill.differences(expected)]
    for invoice in execution.stored:
        wrong += [f"stored: {text}" for text in invoice.bill.differences(expected)]
    preview = execution.dry_run.preview
    if isinstance(preview, Statement):
        wrong += [f"preview: {text}" for text in draft.bill.differences(preview)]
    return found(not wrong, str(draft.bill), str(expected), listed(wrong))


def _cleanup_is_complete(execution: Execution, draft: Invoice) -> Finding:
    cleanup = execution.cleanup
    if cleanup is None:
        return not_run("the draft was not taken back")
    wrong = [str(cleanup.refusal)] if cleanup.refusal else []
    wrong += [*cleanup.remains, *map(str, cleanup.differences)]
    kept_as = "; ".join(f"{i.number} stays on record as {i.status}" for i in cleanup.withdrawn)
    return found(
        not wrong,
        got=listed(wrong) or f"{draft.number} gone, every row as before",
        expected=f"{draft.number} gone, every row as before",
        detail=kept_as,
    )
