"""Step 4: an invoice's life from draft to paid, with everything that must be refused on the way.

It bills for real, so it is acted only where every billable event of the period is a seed of this
run. In process it is undone with the transaction; otherwise its traces are removed like any other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from acceptance.dry_run import DryRun
from acceptance.seeding import Seeding
from acceptance.trial import Stored, Trial
from acceptance.workspace import Workspace
from fixtures.findings import Finding, failed, found, listed, not_run
from fixtures.queries import queries
from platforms.port import Invoice, Refusal
from runbook.registry import STEP_4
from runbook.words import counted


@dataclass(frozen=True)
class Lifecycle:
    """What step 4 saw: the platform's answers, the row after each, and refusals gone wrong.

    ``again`` is the answer to the repeat of the creation under its key. ``claimed`` are the ids of
    the events that then said they were billed by the invoice, and when. ``numbers`` are those of
    the tenant's other invoices; ``undone`` says that the run leaves no gap among them.
    """

    draft: Invoice | Refusal
    again: Invoice | Refusal | None = None
    issued: Invoice | Refusal | None = None
    paid: Invoice | Refusal | None = None
    rows: tuple[Stored, ...] = ()
    claimed: tuple[UUID, ...] = ()
    refusals: int = 0
    wrong_refusals: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    undone: bool = False


def why_not(workspace: Workspace, seeding: Seeding) -> str:
    """Say why the period must not be billed for real, and which one may; nothing if it may."""
    period = workspace.target.period
    others = queries.has_other_events(
        workspace.connection,
        tenant_id=workspace.tenant_id,
        period_start=period.start,
        period_end=period.end,
        seed_ids=[str(seed.id) for seed in seeding.planted],
        invoice_ids=workspace.traces.ids,
    )
    if seeding.planted and not others:
        return ""
    day = queries.first_free_day(workspace.connection, tenant_id=workspace.tenant_id)
    free = f"choose a period that begins after {day}" if day else "have seeds planted"
    return f"the period has billable events that are no seeds of this run: {free}"


def act_lifecycle(workspace: Workspace, seeding: Seeding) -> Lifecycle:
    """Live an invoice's life; every wrong call on the way must be refused and write nothing."""
    with workspace.undone():
        platform = workspace.platform
        trial = Trial(workspace)
        trial.drafts_once_and_takes_it_back()
        _, draft = workspace.generate_draft("lifecycle")
        if isinstance(draft, Refusal):
            return Lifecycle(draft)
        _, again = workspace.generate_draft("lifecycle")
        trial.begins(draft.id)
        trial.refuses_intruders(platform.for_intruders())
        trial.refuses(platform.mark_paid, "invoice_is_not_issued")
        trial.refuses_strangers(platform.issue, platform.mark_paid, platform.cancel)
        trial.refuses_a_second_draft()
        for seed in seeding.planted[:1]:
            trial.refuses_to_issue_without(seed)
        issued = trial.moves(platform.issue, "invoice_is_not_draft")
        trial.refuses(platform.issue, "invoice_is_not_draft")
        trial.refuses(platform.cancel, "invoice_is_not_draft")
        trial.refuses_strangers(platform.mark_paid, platform.cancel)
        paid = trial.moves(platform.mark_paid, "invoice_is_not_issued")
        trial.refuses(platform.mark_paid, "invoice_is_not_issued")
        trial.refuses(platform.issue, "invoice_is_not_draft")
        trial.refuses(platform.cancel, "invoice_is_not_draft")
        events = queries.claimed_events(workspace.connection, invoice_id=draft.id)
        return Lifecycle(
            draft,
            again,
            issued,
            paid,
            rows=tuple(trial.rows),
            claimed=tuple(row["id"] for row in events if row["billed_at"] is not None),
            refusals=trial.tried,
            wrong_refusals=tuple(trial.wrong),
            numbers=workspace.other_numbers(draft),
            undone=platform.shares_transaction,
        )


def judge_step_4(lifecycle: Lifecycle, seeding: Seeding, dry_run: DryRun) -> dict[str, Finding]:
    """Judge every check of step 4."""
    draft, issued, paid = lifecycle.draft, lifecycle.issued, lifecycle.paid
    if isinstance(draft, Refusal) or issued is None or paid is None:
        refused = failed(str(draft), "one DRAFT through the platform")
        rest = {check.id: not_run("no draft was generated: see S4.1") for check in STEP_4.checks}
        return rest | {"S4.1": refused}
    return {
        "S4.1": _told(draft, "DRAFT", draft, dry_run, _made(draft, lifecycle)),
        "S4.2": _told(issued, "ISSUED", draft, dry_run),
        "S4.3": _told(paid, "PAID", draft, dry_run, _moved(issued, paid)),
        "S4.4": _life_is_right(lifecycle, seeding),
    }


def skipped_step_4(why: str) -> dict[str, Finding]:
    """Return the findings of a step 4 that nobody asked for or that could not be acted."""
    return {check.id: not_run(why) for check in STEP_4.checks}


def refused_step_4(why: str) -> dict[str, Finding]:
    """Return the findings of a step 4 that was asked for and must not be acted."""
    return skipped_step_4("see S4.1") | {
        "S4.1": failed("refused to bill for real", "only seeds of this run to bill", why)
    }


def _made(draft: Invoice, lifecycle: Lifecycle) -> list[str]:
    """The draft is stored, and a repeat of its creation, as where no answer came, finds it."""
    again = lifecycle.again
    wrong = [] if lifecycle.rows else [f"{draft.number} was answered, and it is not stored"]
    if not isinstance(again, Invoice):
        wrong.append(f"a repeat under its key was {again}")
    elif again.id != draft.id:
        wrong.append(f"a repeat under its key made {again.number}")
    return wrong


def _moved(issued: Invoice | Refusal, paid: Invoice | Refusal) -> list[str]:
    """What the answers tell of the issue must not move when it is paid, nor come after that."""
    if isinstance(issued, Refusal) or isinstance(paid, Refusal):
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
    told: Invoice | Refusal,
    status: str,
    draft: Invoice,
    dry_run: DryRun,
    also: Iterable[str] = (),
) -> Finding:
    """The platform's answer has the status, and bills what the oracle says, as the draft did."""
    statement = dry_run.expectation.statement
    expected = f"{status}, {statement}"
    if isinstance(told, Refusal):
        return failed(str(told), expected)
    wrong = []
    if (told.id, told.tenant_id, told.period) != (draft.id, draft.tenant_id, draft.period):
        wrong.append("another invoice was answered")
    wrong += [] if statement is None else told.bill.differences(statement)
    if told.stutter:
        wrong.append(f"it was asked for again under its key, for at first {told.stutter}")
    if told.status != status:
        wrong.append(f"status {told.status}")
    if status != "DRAFT" and told.number == draft.number:
        wrong.append(f"still the draft's number {told.number}")
    if not told.number:
        wrong.append("without a number")
    if (told.issued_at is None) != (status == "DRAFT"):
        wrong.append(f"issued at {told.issued_at}")
    if (told.paid_at is None) != (status != "PAID"):
        wrong.append(f"paid at {told.paid_at}")
    wrong += also
    return found(not wrong, f"{told.status}, {told.bill}", expected, listed(wrong) or told.number)


def _life_is_right(lifecycle: Lifecycle, seeding: Seeding) -> Finding:
    """The rows tell the same life, the seeds are billed by it, and wrong calls changed nothing."""
    wrong = [*_rows_are_right(lifecycle.rows), *_number_is_next(lifecycle)]
    wrong += _numbers_are_stored(lifecycle)
    wrong += lifecycle.wrong_refusals
    seeds = {seed.id for seed in seeding.planted}
    claimed = lifecycle.claimed
    if len(claimed) != len(seeds) or set(claimed) != seeds:
        mine = len(set(claimed) & seeds)
        wrong.append(f"{mine} of {len(seeds)} seeds claimed, {len(claimed)} events in all")
    story = " to ".join(row.status for row in lifecycle.rows)
    tried = lifecycle.refusals
    refused = tried - len(lifecycle.wrong_refusals)
    return found(
        not wrong,
        got=f"{story}, {counted(len(claimed), 'event')} claimed, {refused} of {tried} refusals",
        expected=f"DRAFT to ISSUED to PAID, {counted(len(seeds), 'event')} claimed, "
        f"{tried} of {tried} refusals",
        detail=listed(wrong),
    )


def _rows_are_right(rows: tuple[Stored, ...]) -> list[str]:
    if [row.status for row in rows] != ["DRAFT", "ISSUED", "PAID"]:
        return ["the rows do not go from DRAFT to ISSUED to PAID"]
    draft, issued, paid = rows
    wrong = []
    if len({(row.event_count, row.gain_share_amount, row.created_at) for row in rows}) > 1:
        wrong.append("amount, event count or creation moved")
    if (issued.invoice_number, issued.issued_at) != (paid.invoice_number, paid.issued_at):
        wrong.append("number or issue moved when it was paid")
    if draft.issued_at or draft.paid_at or issued.paid_at:
        wrong.append("a timestamp came too early")
    if not _in_order(draft.created_at, issued.issued_at, paid.paid_at):
        wrong.append("created, issued and paid are not in order")
    return wrong


def _numbers_are_stored(lifecycle: Lifecycle) -> Iterator[str]:
    """The number that the platform tells, and so the customer, is the one in the books."""
    answers = (lifecycle.draft, lifecycle.issued, lifecycle.paid)
    for told, row in zip(answers, lifecycle.rows, strict=False):  # a row may be missing
        if isinstance(told, Invoice) and told.number != row.invoice_number:
            yield f"answered as {told.number or 'nothing'}, stored as {row.invoice_number}"


def _number_is_next(lifecycle: Lifecycle) -> list[str]:
    """A final number is nobody else's, and follows the highest of its kind.

    Where a run's invoice is removed and not undone, a platform that counts has a gap by that.
    """
    number = lifecycle.rows[-1].invoice_number if lifecycle.rows else ""
    others = lifecycle.numbers
    if number in others:
        return [f"{number} is the number of another invoice"]
    kind, count = _split(number)
    last = max((other for other in others if _split(other)[0] == kind), key=_split, default="")
    if number and lifecycle.undone and last and count != _split(last)[1] + 1:
        return [f"{number} does not follow {last}"]
    return []


def _split(number: str) -> tuple[str, int]:
    kind = number.rstrip("0123456789")
    return kind, int(number.removeprefix(kind) or 0)


def _in_order(*instants: datetime | None) -> bool:
    known = [instant for instant in instants if instant is not None]
    return len(known) == len(instants) and known == sorted(known)
