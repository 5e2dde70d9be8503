"""Step 2 of the runbook: generate a draft, compare every cent and line of it, and take it back."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Any

import pytest

from acceptance.beside import Beside
from acceptance.counting import Counted, Counting
from acceptance.diagnosing import diagnosed
from acceptance.drafts import cancel, generate_draft
from acceptance.quiet import ATTEMPTS, Known, taken_events, while_quiet
from acceptance.remaining import not_as_before
from acceptance.removing import remove_invoices
from acceptance.test_step1_dry_run import DryRun, act_dry_run
from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import KeptDraft, Workspace
from fixtures.books import Difference
from fixtures.calls import Refusal, attempt_whole
from fixtures.evidence import Judge
from fixtures.findings import Finding, Judges, failed, found, listed, not_run
from fixtures.watching import confirmed
from oracle.bill import Bill, Facts, Line
from oracle.expectation import Expectation
from oracle.money import plain
from oracle.period import Period
from platforms.port import Invoice
from platforms.statements import Row
from runbook.lacks import Lack
from runbook.registry import STEP_2, Check
from runbook.statuses import InvoiceStatus
from runbook.words import counted

pytestmark = [pytest.mark.p9a, pytest.mark.step2]
judges = Judges(STEP_2)


@dataclass(frozen=True)
class Cleanup:
    """What taking the draft back left: invoices on record as withdrawn, residue, other changes.

    ``numbers`` says what moved that final numbers may be counted in.
    """

    refusal: Refusal | None
    withdrawn: tuple[Invoice, ...]
    residue: tuple[str, ...]
    differences: tuple[Difference, ...]
    numbers: Counted


@dataclass(frozen=True)
class Execution:
    """What step 2 saw: the platform's answer, what then stood in the tables, and the cleanup.

    ``dry_run`` is step 1 at the moment of the draft: acted again where events arrived since.
    """

    workspace: Workspace
    dry_run: DryRun
    draft: Invoice | Refusal
    stored: tuple[Invoice, ...] = ()
    key: str = ""
    taken_numbers: frozenset[str] = frozenset()
    cleanup: Cleanup | None = None


def act_execution(workspace: Workspace, seeding: Seeding, dry_run: DryRun) -> Execution:
    """Generate the draft, read it back, and take it back."""
    refusal = workspace.rehearsal.refusal(InvoiceStatus.DRAFT)
    if not refusal and workspace.lacks(Lack.CANCEL):
        refusal = workspace.rehearsal.of_dependants()
    if refusal:
        return Execution(workspace, dry_run, refusal)
    rows = workspace.tables.rows("invoice_ids", tenant_id=workspace.tenant_id)
    known = [row["id"] for row in rows]
    others = workspace.invoices_of_others()
    beside, counting = Beside(workspace), Counting(workspace)
    drafts: list[Execution] = []

    def generate(number: int, _: Known) -> Execution:
        for earlier in drafts[-1:]:
            take_back(workspace, earlier.draft)
        anew = number > 1
        current = act_dry_run(workspace, dry_run.tenant, seeding) if anew else dry_run
        drafts.append(_generate(workspace, current, known, number))
        return drafts[-1]

    last = dry_run.known_events
    execution = while_quiet(workspace, generate, _doubted, taken_events, last)
    if isinstance(execution.draft, Refusal):
        return execution
    again = partial(_draft_again, execution, count(ATTEMPTS + 1))
    cleanup = _clean_up(seeding, execution, known, beside, counting, again)
    if not cleanup.refusal and not cleanup.residue:
        confirmed(workspace.watch, cleanup.differences, again)
    if workspace.invoices_of_others() != others:
        touched = "invoices of other tenants are not as before"
        cleanup = replace(cleanup, residue=(*cleanup.residue, touched))
    if cleanup.withdrawn and not seeding.planted:
        workspace.made.forget(execution.key, execution.draft)
    return replace(execution, cleanup=cleanup)


def _doubted(execution: Execution) -> Expectation | None:
    """What a draft does not say too: somebody may have changed an event before it was made.

    A draft that takes its events leaves nothing to be asked again.
    """
    draft, expected = execution.draft, execution.dry_run.expectation
    if execution.workspace.description.rules.claims == "draft":
        return None
    agreed = (
        expected.bill is not None
        and isinstance(draft, Invoice)
        and not any(_unexpected(execution, draft, expected.bill))
    )
    return None if agreed else expected


def _generate(workspace: Workspace, dry_run: DryRun, known: list[str], number: int) -> Execution:
    key, draft = generate_draft(workspace, "draft" if number == 1 else f"draft-{number}")
    workspace.force_constraints()
    taken = workspace.other_numbers(draft) if isinstance(draft, Invoice) else frozenset()
    return Execution(workspace, dry_run, draft, _stored(workspace, known), key, taken)


def take_back(workspace: Workspace, draft: Invoice | Refusal) -> Refusal | None:
    """Have a draft gone, by the platform if it can; return why it is not."""
    if isinstance(draft, Refusal):
        return draft
    if workspace.lacks(Lack.CANCEL):
        return remove_invoices(workspace)
    return attempt_whole(cancel, workspace, workspace.tenant_id, draft.id)


def keep_draft(workspace: Workspace, dry_run: DryRun) -> tuple[Invoice | Refusal, str]:
    """Make the draft once more, to stay, once step 2 has shown that it can be trusted.

    Return it, and why it was not kept: it must hold what step 2 compared, and nothing else.
    """
    key, draft = generate_draft(workspace, "kept")
    expected = dry_run.expectation.bill
    if isinstance(draft, Refusal) or expected is None:
        return draft, str(draft)
    wrong = [*_bill_faults(workspace, draft, expected)]
    for bill in stored_bills(workspace, draft):
        wrong += bill.differences(expected, workspace.relations.stored, workspace.keys_of)
    if wrong:
        return draft, f"it is not what step 2 compared: {listed(dict.fromkeys(wrong))}"
    workspace.made.forget(key, draft)
    rows = workspace.added_rows(invoice_ids=[draft.id])
    workspace.keep(KeptDraft(draft.name, rows))
    return draft, ""


def _bill_faults(workspace: Workspace, draft: Invoice, expected: Bill) -> tuple[str, ...]:
    facts = workspace.description.answered
    return draft.bill.differences(expected, facts, workspace.keys_of) if draft.bill else ()


def _unexpected(execution: Execution, draft: Invoice, expected: Bill) -> Iterator[str]:
    """Say in what the draft, as it was answered and as it is stored, is not what is expected."""
    workspace = execution.workspace
    yield from (f"answered: {text}" for text in _bill_faults(workspace, draft, expected))
    for invoice in execution.stored:
        if invoice.bill:
            facts = workspace.relations.stored
            differences = invoice.bill.differences(expected, facts, workspace.keys_of)
            yield from (f"stored: {text}" for text in differences)


def _clean_up(
    seeding: Seeding,
    execution: Execution,
    known: list[str],
    beside: Beside,
    counting: Counting,
    again: Callable[[], None],
) -> Cleanup:
    workspace, draft = execution.workspace, execution.draft
    if isinstance(draft, Invoice):
        counting.seen_with(draft)
    refusal = take_back(workspace, draft)
    counted_on = counting.moved(again) if isinstance(draft, Invoice) else Counted()
    workspace.force_constraints()
    left = _stored(workspace, known)
    withdrawn = tuple(invoice for invoice in left if invoice.status == InvoiceStatus.WITHDRAWN)
    residue = [f"{i.name} is still {i.status}" for i in left if i not in withdrawn]
    gone = {invoice.id for invoice in execution.stored} - {invoice.id for invoice in left}
    lines = sum(len(_lines(workspace, invoice_id)) for invoice_id in gone)
    if lines:
        residue.append(f"{counted(lines, 'line')} of the removed draft still there")
    workspace.withdrawn = workspace.added_rows(invoice_ids=[i.id for i in withdrawn])
    if withdrawn and workspace.description.rules.numbers.drafts == "final":
        counted_on = Counted()  # they stay on record
    residue += [*counted_on.faults, *beside.by_the_draft(None if withdrawn else again)]
    differences = not_as_before(workspace, seeding.rows, to_confirm=True)
    return Cleanup(refusal, withdrawn, tuple(residue), differences, counted_on)


def _draft_again(execution: Execution, numbers: Iterator[int]) -> None:
    """Make a draft like the first, and take it back."""
    _, draft = generate_draft(execution.workspace, f"draft-{next(numbers)}")
    take_back(execution.workspace, draft)


def _stored(workspace: Workspace, known: list[str]) -> tuple[Invoice, ...]:
    """The tenant's invoices that were not there before, with their lines, as the tables tell."""
    rows = workspace.tables.rows("stored_invoices", tenant_id=workspace.tenant_id, known_ids=known)
    return tuple(_invoice(workspace, row) for row in rows)


def stored_bills(workspace: Workspace, invoice: Invoice) -> list[Bill]:
    """Return what the tables tell that an invoice bills; nothing where it is not stored."""
    rows = workspace.tables.rows("invoice_ids", tenant_id=workspace.tenant_id)
    others = [row["id"] for row in rows if row["id"] != invoice.id]
    return [stored.bill for stored in _stored(workspace, others) if stored.bill is not None]


def _invoice(workspace: Workspace, row: Row) -> Invoice:
    return Invoice(
        id=row["id"],
        tenant_id=row["tenant_id"],
        number=row["number"],
        status=workspace.description.words.status(row["status"]),
        period=Period(row["period_start"], row["period_end"]),
        bill=Bill(
            currency=row["currency"],
            event_count=row["event_count"],
            recovered_amount=row["recovered_amount"],
            gain_share_amount=row["gain_share_amount"],
            lines=_lines(workspace, row["id"]),
        ),
        issued_at=row["issued_at"],
        paid_at=row["paid_at"],
    )


def _lines(workspace: Workspace, invoice_id: str) -> tuple[Line, ...]:
    return tuple(
        Line(**row) for row in workspace.tables.rows("stored_lines", invoice_id=invoice_id)
    )


@judges("S2.1")
def _draft_is_generated(execution: Execution) -> Finding:
    """A draft invoice is generated: exactly one, of the right tenant, period and status."""
    target = execution.workspace.target
    expected = f"one DRAFT for {target.period}"
    draft, stored = execution.draft, execution.stored
    if isinstance(draft, Refusal):
        detail = f"{counted(len(stored), 'invoice')} stored all the same" if stored else ""
        return failed(str(draft), expected, detail, _diagnosis(execution))
    wrong = [] if len(stored) == 1 else [f"{len(stored)} new invoices stored: {_names(stored)}"]
    if draft.id not in {invoice.id for invoice in stored}:
        wrong.append(f"the answered invoice {draft.id} is not stored for the tenant")
    if draft.number in execution.taken_numbers:
        wrong.append(f"{draft.number} is the number of another invoice")
    told = execution.workspace.description.told
    wrong += _identity_faults(execution, draft, told, "answered")
    for invoice in stored:
        wrong += _identity_faults(execution, invoice, _STORED, "stored")
    got = f"{counted(len(stored), 'invoice')} stored: {_names(stored)}"
    if not wrong:
        one = draft if {"status", "period_start"} <= told else stored[0]
        got = f"one {one.status} for {one.period}{again(draft)}"
    return found(not wrong, got, expected, listed(dict.fromkeys(wrong)) or draft.name)


def again(seen: Invoice) -> str:
    """Tell of a creation that was made again, under its key, since its answer was lost."""
    return f", asked for again under its key, for at first {seen.stutter}" if seen.stutter else ""


def _names(invoices: Iterable[Invoice]) -> str:
    return ", ".join(invoice.name for invoice in invoices) or "none"


_STORED = frozenset({"tenant_id", "period_start", "status", "number"})


def _identity_faults(
    execution: Execution, seen: Invoice, facts: frozenset[str], how: str
) -> list[str]:
    """Say in what the draft, as far as it is told, is not the one that was asked for."""
    workspace = execution.workspace
    faults = []
    if "tenant_id" in facts and seen.tenant_id != workspace.tenant_id:
        faults.append(f"{how} for tenant {seen.tenant_id}, asked for {workspace.tenant_id}")
    if "period_start" in facts and seen.period != workspace.target.period:
        faults.append(f"period {seen.period}")
    if "status" in facts and seen.status != InvoiceStatus.DRAFT:
        faults.append(f"status {seen.status}")
    if "number" in facts:
        faults += number_faults(execution, seen)
    return faults


def number_faults(execution: Execution, seen: Invoice) -> list[str]:
    """Say what is wrong with a draft's number, where drafts have one, or with its having one."""
    draft = execution.draft
    if execution.workspace.description.rules.numbers.drafts == "none":
        return [f"number {seen.number!r}, although drafts have none"] if seen.number else []
    told = "number" in execution.workspace.description.told and isinstance(draft, Invoice)
    differs = told and isinstance(draft, Invoice) and seen.number != draft.number
    return [f"number {seen.number!r}"] if not seen.number or differs else []


@judges("S2.2")
def _draft_equals_oracle(execution: Execution) -> Finding:
    """Its amount and every line match the expected gain share, and the preview of step 1."""
    expected, draft = execution.dry_run.expectation.bill, execution.draft
    if isinstance(draft, Refusal):
        return not_run("no draft was generated: see S2.1")
    if expected is None:
        return not_run("the oracle has no total: see S1.4")
    workspace = execution.workspace
    answered, stored = workspace.description.answered, workspace.relations.stored
    wrong = [*_unexpected(execution, draft, expected)]
    preview = execution.dry_run.preview
    if isinstance(preview, Bill) and draft.bill:
        both = _both(answered, workspace.description.previewed)
        wrong += [
            f"preview: {text}" for text in draft.bill.differences(preview, both, workspace.keys_of)
        ]
    facts = answered if "gain_share_amount" in answered.bill else stored
    seen = draft.bill if facts is answered else next((i.bill for i in execution.stored), None)
    diagnosis = _diagnosis(execution) if wrong else ()
    return found(not wrong, str(seen), str(expected.told_as(facts)), listed(wrong), diagnosis)


def _diagnosis(execution: Execution) -> tuple[str, ...]:
    """Explain what the draft bills, as it was answered and as it is stored.

    Other invoices are none of it, and where there are some a refusal was not for want of events.
    """
    workspace, dry_run, draft = execution.workspace, execution.dry_run, execution.draft
    if isinstance(draft, Refusal) and execution.stored:
        return ()
    stored = [one for one in execution.stored if isinstance(draft, Invoice) and one.id == draft.id]
    told = [("answered", draft, workspace.description.answered)]
    told += [("stored", one, workspace.relations.stored) for one in stored]
    return diagnosed(workspace, dry_run.case, dry_run.expectation, *told)


def _both(one: Facts, other: Facts) -> Facts:
    same_lines = one.line == other.line
    return Facts(one.bill & other.bill, one.line if same_lines else frozenset())


@judges("S2.3")
def _cleanup_is_complete(execution: Execution) -> Finding:
    """The cleanup of the draft succeeds: it is gone, and every row of the tenant is as before."""
    cleanup, draft = execution.cleanup, execution.draft
    if isinstance(draft, Refusal):
        return not_run("no draft was generated: see S2.1")
    if cleanup is None:
        return not_run("the draft was not taken back")
    wrong = [str(cleanup.refusal)] if cleanup.refusal else []
    wrong += [*cleanup.residue, *map(str, cleanup.differences)]
    kept_as = "; ".join(f"{i.name} stays on record as {i.status}" for i in cleanup.withdrawn)
    expected = f"{draft.name} gone, every row as before"
    but = f" but in {', '.join(cleanup.numbers.changed)}" if cleanup.numbers.changed else ""
    return found(
        not wrong,
        got=listed(wrong) or f"{expected}{but}",
        expected=expected,
        detail=kept_as,
    )


def judge_step_2(execution: Execution) -> dict[str, Finding]:
    """Judge every check of step 2; without a draft there is nothing to compare or to clean up."""
    return judges.judge(execution, lacks=execution.workspace.description.lacks)


def invoice_facts(
    execution: Execution, draft: Invoice, status: str | None, *, removed: bool
) -> dict[str, Any]:
    """Return what the evidence tells of the draft."""
    known = [draft, *execution.stored]
    amount = next((i.amount for i in known if i.amount is not None), None)
    bills = [i.bill for i in known if i.bill is not None and i.bill.currency]
    return {
        "id": draft.id,
        "number": draft.number or "",
        "status": status or next((i.status for i in execution.stored), None) or "",
        "amount": "0"
        if amount is None
        else plain(amount, bills[0].currency or "" if bills else ""),
        "removed": removed,
    }


@pytest.mark.parametrize("check", STEP_2.checks, ids=lambda check: check.id)
def test_step2(check: Check, step_2: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_2[check.id])
