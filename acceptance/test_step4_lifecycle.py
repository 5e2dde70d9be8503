"""Step 4 of the runbook: an invoice's life from draft to paid, on nothing but seeds of this run.

Everything that must be refused on the way is tried. It bills for real, so it is acted only where
every billable event of the period is a seed of this run, and a draft is issued only if it holds
nothing else: that is looked at before each issue, and right after. In process it is undone with the
transaction; otherwise what it makes is removed like anything else.
"""

from typing import Any, Literal

import pytest

from acceptance.claims import put_claims_back
from acceptance.drafts import generate_draft
from acceptance.guard import Guard, Stopped, why_not
from acceptance.lifecycle import Lifecycle, TakenBack, following
from acceptance.numbering import next_faults, number_is_next, numbers_are_stored
from acceptance.remaining import changed_beside
from acceptance.removing import remove_invoices
from acceptance.stages import DRAFT, ISSUED, PAID, judge_answer, row_faults, stages_of, void_faults
from acceptance.test_step1_dry_run import DryRun
from acceptance.test_step3_seeds import Seeding
from acceptance.trial import Trial
from acceptance.workspace import Workspace
from fixtures.calls import Refusal, attempt_whole
from fixtures.evidence import Judge
from fixtures.findings import Finding, Judges, failed, found, listed, not_run
from platforms.port import Invoice
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.registry import STEP_4, Check
from runbook.words import counted

pytestmark = [pytest.mark.p9a, pytest.mark.step4]
judges = Judges(STEP_4)


def why_not_removable(workspace: Workspace) -> str:
    """Say why an invoice that is issued, or paid, could not be removed again; nothing if it can."""
    rehearsal = workspace.rehearsal
    refusal = rehearsal.refusal(ISSUED, PAID) or rehearsal.of_dependants()
    return str(refusal) if refusal else ""


def act_lifecycle(workspace: Workspace, seeding: Seeding, dry_run: DryRun) -> Lifecycle:
    """Live an invoice's life; every wrong call on the way must be refused and write nothing."""
    guard = Guard(workspace, seeding, dry_run)
    try:
        with workspace.undone():
            return _live(workspace, seeding, dry_run, guard)
    except Stopped as stopped:
        draft = Refusal("stopped", str(stopped))
        return Lifecycle(workspace, seeding, dry_run, draft, stopped=str(stopped))


def _live(workspace: Workspace, seeding: Seeding, dry_run: DryRun, guard: Guard) -> Lifecycle:
    platform, began = workspace.platform, workspace.anywhere.now()
    trial = Trial(workspace)
    trial.drafts_once_and_takes_it_back()
    taken_back = _take_back_an_issued_one(workspace, trial, guard)
    if taken_back is not None and not isinstance(taken_back.voided, Invoice):
        remove_invoices(workspace)  # else it would be in the way of the next one
    _, draft = generate_draft(workspace, "lifecycle")
    if isinstance(draft, Refusal):
        return Lifecycle(workspace, seeding, dry_run, draft, taken_back=taken_back)
    again = None
    if not workspace.lacks(Lack.IDEMPOTENCY):
        _, again = generate_draft(workspace, "lifecycle")
    trial.begins(draft.id)
    drafted = _claimed(workspace, draft)
    trial.refuses_intruders(platform.for_intruders())
    _try_a_draft(workspace, trial, seeding, guard, draft)
    issued = paid = None
    accepted = {ISSUED: tuple(trial.accepted)}
    if not workspace.lacks(Lack.ISSUE):
        guard.before(draft)
        issued = trial.moves(platform.issue, Rule.INVOICE_IS_NOT_DRAFT)
        guard.after(draft)
        _try_an_issued_one(workspace, trial)
    accepted[PAID] = tuple(trial.accepted)
    if not workspace.lacks(Lack.MARK_PAID) and not workspace.lacks(Lack.ISSUE):
        paid = trial.moves(platform.mark_paid, Rule.INVOICE_IS_NOT_ISSUED)
        _try_a_paid_one(workspace, trial)
    claimed = _claimed(workspace, draft)
    amiss = (*put_claims_back(workspace, draft, seeding), *changed_beside(workspace, began))
    return Lifecycle(
        workspace,
        seeding,
        dry_run,
        draft,
        again,
        taken_back,
        issued,
        paid,
        rows=tuple(trial.rows),
        claimed=claimed,
        drafted=drafted,
        amiss=amiss,
        refusals=trial.tried,
        wrong_refusals=tuple(trial.wrong),
        numbers=workspace.other_numbers(draft),
        undone=platform.shares_transaction,
        accepted=accepted,
    )


def _claimed(workspace: Workspace, invoice: Invoice) -> tuple[str, ...]:
    """The ids of the events that say they are billed by an invoice."""
    events = workspace.tables.rows("claimed_events", invoice_id=invoice.id)
    return tuple(row["id"] for row in events if row["billed"])


def _take_back_an_issued_one(workspace: Workspace, trial: Trial, guard: Guard) -> TakenBack | None:
    """Issue an invoice and void it, where the platform has a way; its events are billed again."""
    if workspace.lacks(Lack.VOID) or workspace.lacks(Lack.ISSUE):
        return None
    _, draft = generate_draft(workspace, "void")
    if isinstance(draft, Refusal):
        return TakenBack(draft)
    tenant_id, platform = workspace.tenant_id, workspace.platform
    guard.before(draft)
    issued = attempt_whole(platform.issue, tenant_id, draft.id)
    guard.after(draft)
    if isinstance(issued, Refusal):
        return TakenBack(draft, issued)
    own = Trial(workspace)
    own.begins(draft.id)
    own.refuses_strangers(platform.void)
    accepted = tuple(own.accepted)
    voided = own.moves(platform.void, Rule.INVOICE_IS_NOT_ISSUED)
    own.refuses(platform.void, Rule.INVOICE_IS_NOT_ISSUED)
    trial.tried += own.tried
    trial.wrong += own.wrong
    period = workspace.target.period
    billable = workspace.tables.value(
        "any_unbilled",
        tenant_id=tenant_id,
        period_start=period.start,
        period_end=period.end,
    )
    row = own.rows[-1] if len(own.rows) > 1 else None
    return TakenBack(draft, issued, voided, row, bool(billable), accepted)


def _try_a_draft(
    workspace: Workspace, trial: Trial, seeding: Seeding, guard: Guard, draft: Invoice
) -> None:
    platform = workspace.platform
    if not workspace.lacks(Lack.MARK_PAID):
        trial.refuses(platform.mark_paid, Rule.INVOICE_IS_NOT_ISSUED)
    if "draft" not in workspace.description.rules.voids and not workspace.lacks(Lack.VOID):
        trial.refuses(platform.void, Rule.INVOICE_IS_NOT_ISSUED)
    trial.refuses_strangers(*_calls(workspace, Lack.ISSUE, Lack.MARK_PAID, Lack.CANCEL))
    trial.refuses_a_second_draft()
    for seed in seeding.planted[:1]:
        guard.before(draft)
        trial.refuses_to_issue_without(seed)
        guard.after(draft)


def _try_an_issued_one(workspace: Workspace, trial: Trial) -> None:
    for call in _calls(workspace, Lack.ISSUE, *_cancels(workspace, "issued")):
        trial.refuses(call, Rule.INVOICE_IS_NOT_DRAFT)
    trial.refuses_strangers(*_calls(workspace, Lack.MARK_PAID, Lack.CANCEL))


def _try_a_paid_one(workspace: Workspace, trial: Trial) -> None:
    may_be_voided = "paid" in workspace.description.rules.voids
    for call in _calls(workspace, Lack.MARK_PAID, *(() if may_be_voided else (Lack.VOID,))):
        trial.refuses(call, Rule.INVOICE_IS_NOT_ISSUED)
    for call in _calls(workspace, Lack.ISSUE, *_cancels(workspace, "paid")):
        trial.refuses(call, Rule.INVOICE_IS_NOT_DRAFT)


def _cancels(workspace: Workspace, stands: Literal["issued", "paid"]) -> tuple[Lack, ...]:
    """The call that must not take an invoice back that stands so: none where it is the way to."""
    voids = workspace.description.rules.voids
    return () if "draft" in voids and stands in voids else (Lack.CANCEL,)


def _calls(workspace: Workspace, *names: Lack) -> list[Any]:
    """The platform's calls of these names, but for those it has not."""
    return [getattr(workspace.platform, name) for name in names if not workspace.lacks(name)]


@judges("S4.1")
def _is_drafted(lifecycle: Lifecycle) -> Finding:
    """A draft is generated through the platform; asked for again under its key, it is the same."""
    draft, before = lifecycle.draft, lifecycle.taken_back
    if isinstance(draft, Refusal) and before and isinstance(before.voided, Invoice):
        return not_run("no draft was made after an invoice that was voided: see S4.5")
    if isinstance(draft, Refusal):
        return failed(str(draft), "one DRAFT through the platform")
    return judge_answer(lifecycle, draft, DRAFT, draft, _made(draft, lifecycle))


def _made(draft: Invoice, lifecycle: Lifecycle) -> list[str]:
    """The draft is stored, and a repeat of its creation, as where no answer came, finds it."""
    again = lifecycle.again
    wrong = [] if lifecycle.rows else [f"{draft.name} was answered, and it is not stored"]
    if lifecycle.lacks(Lack.IDEMPOTENCY):
        return wrong
    if not isinstance(again, Invoice):
        wrong.append(f"a repeat under its key was {again}")
    elif again.id != draft.id:
        wrong.append(f"a repeat under its key made {again.name}")
    return wrong


@judges("S4.2")
def _is_issued(lifecycle: Lifecycle) -> Finding:
    """The draft is issued: it bills the same, and has its final number."""
    if isinstance(lifecycle.draft, Refusal) or lifecycle.issued is None:
        return not_run("no draft was generated: see S4.1")
    finding = judge_answer(lifecycle, lifecycle.issued, ISSUED, lifecycle.draft)
    return following(finding, lifecycle.accepted[ISSUED])


@judges("S4.3")
def _is_paid(lifecycle: Lifecycle) -> Finding:
    """The issued invoice is marked paid, and nothing else of it moves."""
    if isinstance(lifecycle.draft, Refusal) or lifecycle.paid is None:
        return not_run("no draft was generated: see S4.1")
    moved = _moved(lifecycle.issued, lifecycle.paid)
    finding = judge_answer(lifecycle, lifecycle.paid, PAID, lifecycle.draft, moved)
    return following(finding, lifecycle.accepted[PAID])


def _moved(issued: Invoice | Refusal | None, paid: Invoice | Refusal) -> list[str]:
    """What the answers tell of the issue must not move when it is paid, nor come after that."""
    if not isinstance(issued, Invoice) or isinstance(paid, Refusal):
        return []
    wrong = []
    if paid.number != issued.number:
        wrong.append(f"number {paid.number}, issued as {issued.number}")
    if paid.issued_at != issued.issued_at:
        wrong.append(f"issued at {paid.issued_at}, told before as {issued.issued_at}")
    if paid.issued_at and paid.paid_at and paid.paid_at < paid.issued_at:
        wrong.append(f"paid at {paid.paid_at}, before it was issued")
    return wrong


@judges("S4.4")
def _life_is_right(lifecycle: Lifecycle) -> Finding:
    """The rows tell the same life, the seeds are billed by it, and wrong calls changed nothing."""
    if isinstance(lifecycle.draft, Refusal):
        return not_run("no draft was generated: see S4.1")
    stages = stages_of(lifecycle)
    wrong = [*lifecycle.accepted.get(PAID, ())]  # what goes wrong then may follow from it
    wrong += [*row_faults(lifecycle, stages), *number_is_next(lifecycle)]
    wrong += numbers_are_stored(lifecycle)
    wrong += [one for one in lifecycle.wrong_refusals if one not in wrong]
    claims = lifecycle.workspace.description.rules.claims
    unclaimed = claims == "issue" and lifecycle.lacks(Lack.ISSUE)
    seeds = set() if unclaimed else set(lifecycle.seeding.ids)
    claimed = lifecycle.claimed
    if len(claimed) != len(seeds) or set(claimed) != seeds:
        mine = len(set(claimed) & seeds)
        wrong.append(f"{mine} of {len(seeds)} seeds claimed, {len(claimed)} events in all")
    wrong += lifecycle.amiss
    wrong += _claims_too_early_or_late(lifecycle, seeds)
    story = " to ".join(row.status for row in lifecycle.rows)
    tried = lifecycle.refusals
    refused = tried - len(lifecycle.wrong_refusals)
    first = "".join(f": {one}" for one in wrong[:1] if one in lifecycle.wrong_refusals)
    got = f"{story}, {counted(len(claimed), 'event')} claimed, {refused} of {tried} refusals{first}"
    return found(
        not wrong,
        got=got,
        expected=f"{' to '.join(stages)}, {counted(len(seeds), 'event')} claimed, "
        f"{tried} of {tried} refusals",
        detail=listed(wrong),
    )


def _claims_too_early_or_late(lifecycle: Lifecycle, seeds: set[str]) -> list[str]:
    """A draft claims its events exactly where the description says that drafts do."""
    at = lifecycle.workspace.description.rules.claims
    wanted = seeds if at == "draft" else set()
    if set(lifecycle.drafted) == wanted:
        return []
    drafted = counted(len(lifecycle.drafted), "event")
    return [f"the draft claims {drafted}, although they are claimed at {at} (rules.claims)"]


@judges("S4.5")
def _can_be_taken_back(lifecycle: Lifecycle) -> Finding:
    """An issued invoice can be taken back; its events are billable again, its number stays used."""
    seen = lifecycle.taken_back
    expected = "an issued invoice voided, its events billable again"
    if seen is None:
        return not_run("the platform issues none")
    accepted = seen.accepted if isinstance(lifecycle.draft, Invoice) else ()
    for told in (seen.draft, seen.issued, seen.voided):
        if isinstance(told, Refusal):
            before = accepted if told is seen.voided else ()
            return following(failed(str(told), expected), before)
    wrong: list[str] = []
    if isinstance(seen.draft, Invoice) and isinstance(seen.voided, Invoice):
        wrong += void_faults(lifecycle, seen, seen.draft, seen.voided)
    if isinstance(seen.issued, Invoice) and isinstance(lifecycle.issued, Invoice):
        wrong += next_faults(lifecycle, seen.issued.number, lifecycle.issued.number)
    if not seen.billable:
        wrong.append("its events are not billable again")
    elif isinstance(lifecycle.draft, Refusal):
        wrong.append(f"its period cannot be billed again: {lifecycle.draft}")
    finding = found(not wrong, listed(wrong) or expected, expected, listed(wrong))
    return following(finding, accepted)


def judge_step_4(lifecycle: Lifecycle) -> dict[str, Finding]:
    """Judge every check of step 4; where it was stopped nothing else can be said."""
    if lifecycle.stopped:
        return refused_step_4(lifecycle.stopped)
    return judges.judge(lifecycle, lacks=lifecycle.workspace.description.lacks)


def refused_step_4(
    why: str, expected: str = "only seeds of this run to bill"
) -> dict[str, Finding]:
    """Return the findings of a step 4 that was asked for and must not be acted."""
    refused = failed("refused to bill for real", expected, why)
    return judges.all(not_run("see S4.1")) | {"S4.1": refused}


def live_and_judge(workspace: Workspace, seeding: Seeding, dry_run: DryRun) -> dict[str, Finding]:
    """Act the step where it may be, and judge it; what was there to be billed before counts too."""
    reason = why_not(workspace, seeding)
    if reason:
        return refused_step_4(reason)
    reason = why_not_removable(workspace)
    if reason:
        return refused_step_4(reason, "an invoice that can be removed again")
    lived = act_lifecycle(workspace, seeding, dry_run)
    reason = "" if lived.stopped else why_not(workspace, seeding)
    return refused_step_4(reason) if reason else judge_step_4(lived)


@pytest.mark.parametrize("check", STEP_4.checks, ids=lambda check: check.id)
def test_step4(check: Check, step_4: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_4[check.id])
