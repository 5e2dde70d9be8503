"""What explains a bill that is not as it should be, and what the run would have noticed.

The oracle works known wrong ways of billing out on the raw events that were judged; here it is told
what was seen of which bill.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from acceptance.workspace import Workspace
from fixtures.calls import Refusal
from oracle.bill import Bill, Facts, Keys
from oracle.expectation import Expectation
from oracle.raw import FEW, MOST, Case
from platforms.port import Invoice
from reports.evidence import PowerFacts
from runbook.refusals import Rule

TOO_MANY = f"the difference was not looked into, for there are more than {MOST} events"
Told = Bill | Invoice | Refusal | None


def diagnosed(
    workspace: Workspace,
    case: Case | None,
    expectation: Expectation,
    *told: tuple[str, Told, Facts],
) -> tuple[str, ...]:
    """Explain what is not as it should be of what was told: where it was, the bill, which facts.

    The case is what the expectation was worked out from; without one it is read now.
    """
    right = expectation.bill
    odd = [] if right is None else list(_odd(right, told))
    without_terms = bool(right and workspace.contract) and any(map(_lacks_terms, told))
    if right is None or not (odd or without_terms):
        return ()
    case = case or workspace.oracle.case(MOST)
    if not odd:
        return _as_stored(case)
    return (TOO_MANY,) if case is None else tuple(explained(case, right, odd, workspace.keys_of))


def _odd(right: Bill, told: Iterable[tuple[str, Told, Facts]]) -> Iterator[Any]:
    # Most runs have nothing to explain.
    from oracle.explanations import Seen  # noqa: PLC0415

    for where, answer, facts in told:
        bill = answer.bill if isinstance(answer, Invoice) else answer
        if isinstance(bill, Refusal):
            if Rule.NO_BILLABLE_EVENTS in bill.rules:
                yield Seen(None, facts, where)
        elif bill is not None and bill.differences(right, facts):
            yield Seen(bill, facts, where)


def _lacks_terms(told: tuple[str, Told, Facts]) -> bool:
    """Tell whether a call was refused for want of terms."""
    answer = told[1]
    return isinstance(answer, Refusal) and Rule.EVENT_HAS_NO_TERMS in answer.rules


def _as_stored(case: Case | None) -> tuple[str, ...]:
    """Say whether events lack terms as they are stored, though they have some that were signed."""
    if case is None or case.agreed is None:
        return ()
    from oracle.rereading import without_terms  # noqa: PLC0415 - few runs have a contract

    why = without_terms(case.agreed)
    words = "the refusal is what billing by the terms as they are stored gives (see S1.7)"
    return (f"{words}: {why}",) if why else ()


def explained(case: Case, right: Bill, odd: list[Any], keys: Keys) -> Iterator[str]:
    """Yield what explains all that was seen, or else each part of it by itself."""
    from oracle.diagnosis import diagnose  # noqa: PLC0415 - most runs have nothing to explain

    together = diagnose(case, right, odd, keys)
    if together.explanations or len(odd) == 1:
        yield from together.lines
        return
    for one in odd:
        yield from (f"{one.where}: {line}" for line in diagnose(case, right, [one], keys).lines)


def measured(
    workspace: Workspace,
    case: Case | None,
    expectation: Expectation,
    shown_by_maths: Collection[str],
) -> PowerFacts:
    """Tell which known wrong ways the events that were judged, and M.1, would have shown."""
    count = expectation.event_count
    if case is None or expectation.bill is None:
        why = f"there are more than {FEW}" if expectation.bill else "there is no total"
        return PowerFacts(event_count=count, why=why)
    # A run that ends before the criteria need not measure.
    from oracle.agreed import OutOfTimeError  # noqa: PLC0415
    from oracle.power import power  # noqa: PLC0415

    try:
        noticed, missed = power(case, workspace.told)
    except OutOfTimeError:
        return PowerFacts(event_count=count, why="it takes too long by this contract")
    return PowerFacts(
        event_count=count,
        noticed=noticed,
        by_maths=tuple(name for name in missed if name in shown_by_maths),
        missed=tuple(name for name in missed if name not in shown_by_maths),
    )
