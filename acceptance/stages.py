"""What an invoice must tell at each stage of its life, by the platform's answers and its row."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from acceptance.diagnosing import diagnosed
from acceptance.lifecycle import Lifecycle, TakenBack
from acceptance.numbering import number_faults
from acceptance.test_step2_execute import again
from fixtures.calls import Refusal
from fixtures.findings import Finding, failed, found, listed
from platforms.port import Invoice
from runbook.lacks import Lack
from runbook.statuses import InvoiceStatus

DRAFT, ISSUED, PAID = InvoiceStatus.DRAFT, InvoiceStatus.ISSUED, InvoiceStatus.PAID


def stages_of(lifecycle: Lifecycle) -> list[str]:
    """The statuses that an invoice of the platform goes through until it is paid."""
    stages = [DRAFT]
    if not lifecycle.lacks(Lack.ISSUE):
        stages += [ISSUED] if lifecycle.lacks(Lack.MARK_PAID) else [ISSUED, PAID]
    return [str(stage) for stage in stages]


def judge_answer(
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
        wrong += number_faults(lifecycle, seen, status, draft)
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


def row_faults(lifecycle: Lifecycle, stages: list[str]) -> list[str]:
    """Say in what the rows do not tell one life, a stage after the other."""
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


def _in_order(instants: list[datetime | None]) -> bool:
    known = [instant for instant in instants if instant is not None]
    return len(known) == len(instants) and known == sorted(known)


def void_faults(
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
