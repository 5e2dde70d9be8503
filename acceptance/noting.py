"""What the evidence tells of a bill: the oracle's, whose money it is, the platform's beside it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from acceptance.test_step1_dry_run import DryRun
from acceptance.test_step2_execute import Execution
from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import Workspace
from fixtures.notes import Notes
from oracle.beside import Pair, side_by_side
from oracle.bill import Bill, Facts, Line
from oracle.itemised import Item
from oracle.money import exact_sum, plain

# Of more lines than these only those are told that differ.
MOST_LINES = 100
# How the bills that are compared came to be known.
PREVIEWED, ANSWERED, STORED = "preview", "draft as answered", "draft as stored"


def note_bill(notes: Notes, tenant_id: str, dry_run: DryRun, seeding: Seeding) -> None:
    """Note what the oracle says that the period bills, and whose money that is."""
    bill = dry_run.expectation.bill
    notes.add(tenant_id, event_count=dry_run.expectation.event_count)
    notes.add_once(tenant_id, odd_events=[_odd(item) for item in dry_run.items if item.why])
    if bill is None or bill.currency is None:
        return
    currency = bill.currency
    lines = [_line(line, currency) for line in bill.lines or ()]
    events = [_event(item) for item in dry_run.items]
    notes.add_once(tenant_id, lines=lines, events=events)
    notes.add(
        tenant_id,
        currency=currency,
        recovered_amount=_plain(bill.recovered_amount, currency),
        expected_gain_share=_plain(bill.gain_share_amount, currency),
        own=_money(own_bill(seeding, bill), currency),
        seeded=_money(bill, currency, less=own_bill(seeding, bill)) if seeding.planted else None,
    )


def own_bill(seeding: Seeding, bill: Bill | None) -> Bill | None:
    """What the tenant's own events bill: all of it, unless seeds were planted beside them."""
    if not seeding.planted:
        return bill
    return seeding.own.bill if seeding.own else None


def _money(bill: Bill | None, currency: str, less: Bill | None = None) -> dict[str, Any]:
    """What a bill amounts to, less another one that is part of it."""
    sums = [
        exact_sum(
            sign * (getattr(one, name) or Decimal())
            for sign, one in ((1, bill), (-1, less))
            if one is not None
        )
        for name in ("recovered_amount", "gain_share_amount")
    ]
    counts = [(one.event_count or 0) if one else 0 for one in (bill, less)]
    return {
        "event_count": counts[0] - counts[1],
        "recovered_amount": plain(sums[0], currency),
        "gain_share_amount": plain(sums[1], currency),
    }


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "finding_type": line.finding_type or "",
        "rate": f"{line.rate or 0:f}",
        "event_count": line.event_count or 0,
        "recovered_amount": _plain(line.recovered_amount, currency),
        "gain_share_amount": _plain(line.gain_share_amount, currency),
    }


def _plain(amount: Any, currency: str) -> str:
    return "0" if amount is None else plain(amount, currency)


def _odd(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "occurred_at": item.occurred_at.isoformat(),
        "finding_type": item.finding_type,
        "currency": item.currency,
        "amount": item.amount,
        "why": item.why,
    }


def _event(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "occurred_at": item.occurred_at.isoformat(),
        "finding_type": item.finding_type,
        "rate": f"{item.rate or 0:f}",
        "recovered_amount": _plain(Decimal(item.amount), item.currency),
        "gain_share_amount": _plain(item.fee, item.currency),
    }


def note_preview(notes: Notes, dry_run: DryRun) -> None:
    """Note what the platform's preview bills, if that is not what the oracle bills."""
    workspace, preview = dry_run.workspace, dry_run.preview
    bills = [(PREVIEWED, preview, workspace.description.previewed)]
    _note_beside(notes, workspace, dry_run.expectation.bill, bills)


def note_draft(notes: Notes, execution: Execution) -> None:
    """Note what the platform's draft bills, if that is not what the oracle bills."""
    workspace, expected = execution.workspace, execution.dry_run.expectation.bill
    _note_beside(notes, workspace, expected, list(_drafted(execution)))


def _drafted(execution: Execution) -> Iterator[tuple[str, Any, Facts]]:
    workspace = execution.workspace
    for invoice in execution.stored:
        yield STORED, invoice.bill, workspace.relations.stored
    yield ANSWERED, getattr(execution.draft, "bill", None), workspace.description.answered


def _note_beside(
    notes: Notes, workspace: Workspace, expected: Bill | None, bills: list[tuple[str, Any, Facts]]
) -> None:
    """Note the first bill that is not the expected one."""
    for source, bill, facts in bills:
        if expected is None or not isinstance(bill, Bill):
            continue
        if bill.differences(expected, facts):
            pairs = side_by_side(bill, expected, facts, workspace.keys_of)
            notes.add_once(workspace.tenant_id, platform_bill=_beside(source, bill, pairs))
            return


def _beside(source: str, bill: Bill, pairs: tuple[Pair, ...]) -> dict[str, Any]:
    told = [pair for pair in pairs if pair.words or None in (pair.platform, pair.oracle)]
    shown = pairs if len(pairs) <= MOST_LINES else told
    currency = bill.currency or ""
    return {
        "source": source,
        "currency": currency,
        "event_count": bill.event_count,
        "recovered_amount": _amount(bill.recovered_amount, currency),
        "gain_share_amount": _amount(bill.gain_share_amount, currency),
        "lines": [
            {
                "about": pair.about,
                "platform_amount": _amount(pair.platform, currency),
                "oracle_amount": _amount(pair.oracle, currency),
                "words": pair.words,
            }
            for pair in shown
        ],
        "equal_lines": len(pairs) - len(shown),
    }


def _amount(amount: Decimal | None, currency: str) -> str | None:
    return plain(amount, currency) if amount is not None and amount.is_finite() else None
