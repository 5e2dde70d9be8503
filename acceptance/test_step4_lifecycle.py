"""Step 4 of the runbook: an invoice's life from draft to paid, on nothing but seeds of this run.

Everything that must be refused on the way is tried. It bills for real, so it is acted only where
every billable event of the period is a seed of this run, and a draft is issued only if it holds
nothing else: that is looked at before each issue, and right after. In process it is undone with the
transaction; otherwise what it makes is removed like anything else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pytest

from acceptance.claims import put_claims_back
from acceptance.diagnosing import diagnosed
from acceptance.guard import Guard, Stopped, why_not
from acceptance.numbers import split
from acceptance.test_step1_dry_run import DryRun
from acceptance.test_step2_execute import again
from acceptance.test_step3_seeds import Seeding
from acceptance.trial import Stored, Trial
from acceptance.workspace import Workspace
from fixtures.calls import Refusal, attempt_whole
from fixtures.evidence import Judge
from fixtures.findings import Finding, Judges, failed, found, listed, not_run
from platforms.port import Invoice
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.registry import STEP_4, Check
from runbook.statuses import InvoiceStatus
from runbook.words import counted

pytestmark = [pytest.mark.p9a, pytest.mark.step4]
judges = Judges(STEP_4)

DRAFT, ISSUED, PAID = InvoiceStatus.DRAFT, InvoiceStatus.ISSUED, InvoiceStatus.PAID


@dataclass(frozen=True)
class TakenBack:
    """What became of an invoice that was issued and voided, before the one that is paid.

    ``billable`` tells whether its events were billable again.
    """

    draft: Invoice | Refusal
    issued: Invoice | Refusal | None = None
    voided: Invoice | Refusal | None = None
    row: Stored | None = None
    billable: bool = False


@dataclass(frozen=True)
class Lifecycle:
    """What step 4 saw: the platform's answers, the row after each, and refusals gone wrong.

    ``again`` is the answer to the repeat of the creation under its key. ``claimed`` are the ids of
    the events that then said they were billed by the invoice, ``drafted`` of those that said so of
    the draft; ``amiss`` says of others that are billed by it whose they are. ``numbers`` are those
    of other invoices; ``undone`` says that the run leaves no gap among them. ``stopped`` says why
    nothing more was issued, if something else was there to be billed.
    """

    workspace: Workspace
    seeding: Seeding
    dry_run: DryRun
    draft: Invoice | Refusal
    again: Invoice | Refusal | None = None
    taken_back: TakenBack | None = None
    issued: Invoice | Refusal | None = None
    paid: Invoice | Refusal | None = None
    rows: tuple[Stored, ...] = ()
    claimed: tuple[str, ...] = ()
    drafted: tuple[str, ...] = ()
    amiss: tuple[str, ...] = ()
    refusals: int = 0
    wrong_refusals: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    undone: bool = False
    stopped: str = ""

    def lacks(self, what: Lack | Rule) -> bool:
        """Tell whether the platform has not got something, as it declares."""
        return self.workspace.lacks(what)

    def split(self, number: str) -> tuple[str, int]:
        """Return what a number shares with those it is counted among, and its count."""
        return split(number, self.workspace.description.rules.numbers.gapless)


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
    platform = workspace.platform
    trial = Trial(workspace)
    trial.drafts_once_and_takes_it_back()
    taken_back = _take_back_an_issued_one(workspace, trial, guard)
    if taken_back is not None and not isinstance(taken_back.voided, Invoice):
        workspace.remove_invoices()  # else it would be in the way of the next one
    _, draft = workspace.generate_draft("lifecycle")
    if isinstance(draft, Refusal):
        return Lifecycle(workspace, seeding, dry_run, draft, taken_back=taken_back)
    again = None
    if not workspace.lacks(Lack.IDEMPOTENCY):
        _, again = workspace.generate_draft("lifecycle")
    trial.begins(draft.id)
    drafted = _claimed(workspace, draft)
    trial.refuses_intruders(platform.for_intruders())
    _try_a_draft(workspace, trial, seeding, guard, draft)
    issued = paid = None
    if not workspace.lacks(Lack.ISSUE):
        guard.before(draft)
        issued = trial.moves(platform.issue, Rule.INVOICE_IS_NOT_DRAFT)
        guard.after(draft)
        _try_an_issued_one(workspace, trial)
    if not workspace.lacks(Lack.MARK_PAID) and not workspace.lacks(Lack.ISSUE):
        paid = trial.moves(platform.mark_paid, Rule.INVOICE_IS_NOT_ISSUED)
        _try_a_paid_one(workspace, trial)
    claimed = _claimed(workspace, draft)
    amiss = put_claims_back(workspace, draft, seeding)
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
    )


def _claimed(workspace: Workspace, invoice: Invoice) -> tuple[str, ...]:
    """The ids of the events that say they are billed by an invoice."""
    events = workspace.tables.rows("claimed_events", invoice_id=invoice.id)
    return tuple(row["id"] for row in events if row["billed"])


def _take_back_an_issued_one(workspace: Workspace, trial: Trial, guard: Guard) -> TakenBack | None:
    """Issue an invoice and void it, where the platform has a way; its events are billed again."""
    if workspace.lacks(Lack.VOID) or workspace.lacks(Lack.ISSUE):
        return None
    _, draft = workspace.generate_draft("void")
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
    return TakenBack(draft, issued, voided, row, bool(billable))


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
    return _told(lifecycle, draft, DRAFT, draft, _made(draft, lifecycle))


@judges("S4.2")
def _is_issued(lifecycle: Lifecycle) -> Finding:
    """The draft is issued: it bills the same, and has its final number."""
    if isinstance(lifecycle.draft, Refusal) or lifecycle.issued is None:
        return not_run("no draft was generated: see S4.1")
    return _told(lifecycle, lifecycle.issued, ISSUED, lifecycle.draft)


@judges("S4.3")
def _is_paid(lifecycle: Lifecycle) -> Finding:
    """The issued invoice is marked paid, and nothing else of it moves."""
    if isinstance(lifecycle.draft, Refusal) or lifecycle.paid is None:
        return not_run("no draft was generated: see S4.1")
    moved = _moved(lifecycle.issued, lifecycle.paid)
    return _told(lifecycle, lifecycle.paid, PAID, lifecycle.draft, moved)


@judges("S4.4")
def _life_is_right(lifecycle: Lifecycle) -> Finding:
    """The rows tell the same life, the seeds are billed by it, and wrong calls changed nothing."""
    if isinstance(lifecycle.draft, Refusal):
        return not_run("no draft was generated: see S4.1")
    stages = _stages(lifecycle)
    wrong = [*_rows_are_right(lifecycle, stages), *_number_is_next(lifecycle)]
    wrong += _numbers_are_stored(lifecycle)
    wrong += lifecycle.wrong_refusals
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
    return found(
        not wrong,
        got=f"{story}, {counted(len(claimed), 'event')} claimed, {refused} of {tried} refusals",
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
    for told in (seen.draft, seen.issued, seen.voided):
        if isinstance(told, Refusal):
            return failed(str(told), expected)
    wrong: list[str] = []
    if isinstance(seen.draft, Invoice) and isinstance(seen.voided, Invoice):
        wrong += _void_faults(lifecycle, seen, seen.draft, seen.voided)
    if isinstance(seen.issued, Invoice) and isinstance(lifecycle.issued, Invoice):
        wrong += _next_faults(lifecycle, seen.issued.number, lifecycle.issued.number)
    if not seen.billable:
        wrong.append("its events are not billable again")
    elif isinstance(lifecycle.draft, Refusal):
        wrong.append(f"its period cannot be billed again: {lifecycle.draft}")
    return found(not wrong, listed(wrong) or expected, expected, listed(wrong))


def _void_faults(
    lifecycle: Lifecycle, seen: TakenBack, draft: Invoice, voided: Invoice
) -> Iterator[str]:
    """Say in what the answer and the row are not those of the invoice, taken back."""
    withdrawn = InvoiceStatus.WITHDRAWN
    if voided.id != draft.id:
        yield "another invoice was answered"
    if "status" in lifecycle.workspace.description.told and voided.status != withdrawn:
        yield f"answered with status {voided.status}"
    if seen.row is not None and seen.row.status != withdrawn:
        yield f"stored with status {seen.row.status}"
    number = seen.issued.number if isinstance(seen.issued, Invoice) else None
    if seen.row is not None and number and seen.row.number != number:
        yield f"issued as {number}, stored as {seen.row.number}"


def _next_faults(lifecycle: Lifecycle, number: str | None, following: str | None) -> list[str]:
    """Say what is wrong with the number of the next invoice: it is another one, and without a gap.

    Where others may be given numbers meanwhile, those between must be on invoices of theirs.
    """
    if not number or not following:
        return []
    if following == number:
        return [f"{number} was given to the next invoice too"]
    if lifecycle.workspace.description.rules.numbers.gapless == "no":
        return []
    (kind, first), (other, last) = lifecycle.split(number), lifecycle.split(following)
    given = {count for shared, count in map(lifecycle.split, lifecycle.numbers) if shared == kind}
    gap = set(range(first + 1, last)) - given
    if kind == other and (gap or last < first):
        return [f"{following} does not follow {number}"]
    return []


def _stages(lifecycle: Lifecycle) -> list[str]:
    stages = [DRAFT]
    if not lifecycle.lacks(Lack.ISSUE):
        stages += [ISSUED] if lifecycle.lacks(Lack.MARK_PAID) else [ISSUED, PAID]
    return [str(stage) for stage in stages]


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


def _told(
    lifecycle: Lifecycle,
    seen: Invoice | Refusal,
    status: InvoiceStatus,
    draft: Invoice,
    also: Iterable[str] = (),
) -> Finding:
    """The platform's answer has the status, and bills what the oracle says, as the draft did."""
    description = lifecycle.workspace.description
    told, facts = description.told, description.answered
    bill = lifecycle.dry_run.expectation.bill
    wanted = bill.told_as(facts) if bill else None
    expected = f"{status}, {wanted}"
    if isinstance(seen, Refusal):
        return failed(str(seen), expected)
    wrong = []
    is_another = (seen.id, seen.tenant_id, seen.period) != (draft.id, draft.tenant_id, draft.period)
    if is_another:
        wrong.append("another invoice was answered")
    if bill is not None and seen.bill is not None:
        wrong += seen.bill.differences(bill, facts, lifecycle.workspace.keys_of)
    if "status" in told and seen.status != status:
        wrong.append(f"status {seen.status}")
    if "number" in told:
        wrong += _number_faults(lifecycle, seen, status, draft)
    if "issued_at" in told and (seen.issued_at is None) != (status == DRAFT):
        wrong.append(f"issued at {seen.issued_at}")
    if "paid_at" in told and (seen.paid_at is None) != (status != PAID):
        wrong.append(f"paid at {seen.paid_at}")
    wrong += also
    got = f"{seen.status if 'status' in told else status}, {seen.bill}{again(seen)}"
    workspace, dry_run = lifecycle.workspace, lifecycle.dry_run
    answer = ("answered", seen, facts)
    diagnosis: tuple[str, ...] = ()
    if not is_another:
        diagnosis = diagnosed(workspace, dry_run.case, dry_run.expectation, answer)
    return found(not wrong, got, expected, listed(wrong) or seen.name, diagnosis)


def _number_faults(
    lifecycle: Lifecycle, seen: Invoice | Stored, status: str, draft: Invoice | Stored
) -> list[str]:
    kind = lifecycle.workspace.description.rules.numbers.drafts
    if status == DRAFT and kind == "none":
        return [f"number {seen.number}, although drafts have none"] if seen.number else []
    if not seen.number:
        return ["without a number"]
    if status != DRAFT and kind == "own" and seen.number == draft.number:
        return [f"still the draft's number {seen.number}"]
    if status != DRAFT and kind == "final" and seen.number != draft.number:
        return [f"number {seen.number}, drafted as {draft.number}"]
    return []


def _rows_are_right(lifecycle: Lifecycle, stages: list[str]) -> list[str]:
    rows = lifecycle.rows
    if [row.status for row in rows] != stages:
        return [f"the rows do not go from {' to '.join(stages)}"]
    wrong = []
    if len({(row.event_count, row.gain_share_amount, row.created_at) for row in rows}) > 1:
        wrong.append("amount, event count or creation moved")
    draft, *later = rows
    if len({(row.number, row.issued_at) for row in later}) > 1:
        wrong.append("number or issue moved when it was paid")
    if draft.issued_at or any(row.paid_at for row in rows if row.status != PAID):
        wrong.append("a timestamp came too early")
    instants = [None if lifecycle.lacks(Lack.CREATED_AT) else (draft.created_at,)]
    instants += [
        None if lifecycle.lacks(lack) else (getattr(row, name),)
        for row in later
        for lack, name in _TIMES[row.status]
    ]
    if not _in_order([instant[0] for instant in instants if instant is not None]):
        wrong.append("created, issued and paid are not in order")
    return wrong


_TIMES: dict[str, list[tuple[Lack, str]]] = {
    ISSUED: [(Lack.ISSUED_AT, "issued_at")],
    PAID: [(Lack.PAID_AT, "paid_at")],
}


def _numbers_are_stored(lifecycle: Lifecycle) -> Iterator[str]:
    """The number that the platform tells, and so the customer, is the one in the books.

    Where it tells none, the books alone have it.
    """
    if "number" not in lifecycle.workspace.description.told:
        for row in lifecycle.rows:
            for fault in _number_faults(lifecycle, row, row.status, lifecycle.rows[0]):
                yield f"stored as {row.status}: {fault}"
        return
    answers = (lifecycle.draft, lifecycle.issued, lifecycle.paid)
    for told, row in zip(answers, lifecycle.rows, strict=False):  # a row may be missing
        if isinstance(told, Invoice) and (told.number or None) != (row.number or None):
            yield f"answered as {told.number or 'nothing'}, stored as {row.number}"


def _number_is_next(lifecycle: Lifecycle) -> list[str]:
    """A final number is nobody else's, and follows the highest of its kind.

    Where a run's invoice is removed and not undone, a platform that counts has a gap by that.
    """
    number = (lifecycle.rows[-1].number or "") if lifecycle.rows else ""
    others = lifecycle.numbers
    if number in others:
        return [f"{number} is the number of another invoice"]
    if lifecycle.workspace.description.rules.numbers.gapless == "no" or lifecycle.lacks(Lack.ISSUE):
        return []
    split = lifecycle.split
    kind, count = split(number)
    last = max((other for other in others if split(other)[0] == kind), key=split, default="")
    if number and lifecycle.undone and last and count != split(last)[1] + 1:
        return [f"{number} does not follow {last}"]
    return []


def _in_order(instants: list[datetime | None]) -> bool:
    known = [instant for instant in instants if instant is not None]
    return len(known) == len(instants) and known == sorted(known)


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
