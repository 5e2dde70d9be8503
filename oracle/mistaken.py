"""Events that known wrong ways take along or leave out, billed by a contract.

Which events a way takes is worked out as without a contract; what they cost, by what was agreed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from oracle.agreed import Agreement
from oracle.cells import Cell
from oracle.choosing import Chosen
from oracle.misreadings import Misreading
from oracle.paper import Paper, PaperEvent
from oracle.raw import Case, Event
from oracle.readonce import Agreed
from oracle.variants import Workings
from oracle.ways import MICROSECOND, RIGHT, Way

SELECTING = frozenset(
    {"starts", "ends", "zone", "period_by", "takes", "leaves", "first", "alike", "doubled", "times"}
)


def selects(way: Way) -> bool:
    """Tell whether a way takes other events, and does nothing else wrongly."""
    return way.deviations.keys() <= SELECTING


def mistaken(case: Case, agreed: Agreed, ways: Iterable[Way]) -> Iterator[Misreading]:
    """Yield those of some ways that only bill other events, where there are such."""
    ways = [way for way in ways if selects(way)]
    paper = agreed.agreement.reader
    work = Workings(case, ways)
    right = _times(work.billed(RIGHT) or ())
    if not isinstance(paper, Paper):
        return
    for way in ways:
        taken = _times(work.billed(way) or ())
        apart = {cell: taken[cell] for cell in taken.keys() | right.keys()}
        apart = {cell: times for cell, times in apart.items() if times != right[cell]}
        if apart:
            yield Misreading(way.name, way.words, partial(_billing, _other(paper, apart, case)))


def _times(chosen: Iterable[Chosen]) -> Counter[Cell]:
    """How often the events of each cell are billed."""
    times: Counter[Cell] = Counter()
    for one in chosen:
        times[one.cell] += one.times
    return times


def _other(paper: Paper, apart: dict[Cell, int], case: Case) -> Paper:
    """Return a sheet on which some events are billed otherwise often than they should."""
    ids = {event.id for cell in apart for event in cell.events}
    events = [event for event in paper.events if event.id not in ids]
    for cell, times in apart.items():
        events += [_in_period(event, case) for event in cell.events for _ in range(times)]
    return Paper(tuple(events), paper.invoiced)


def _in_period(event: Event, case: Case) -> PaperEvent:
    """Return an event as one to be billed: one from outside, where the period is nearest."""
    start, last = case.period.start, case.period.end - MICROSECOND
    return PaperEvent(
        id=event.id,
        key=event.key or event.id,
        occurred_at=min(max(event.occurred_at, start), last),
        finding_type=event.finding_type or "",
        amount=event.amount,
        currency=case.currency or "",
        billed=False,
    )


def _billing(paper: Paper, agreement: Agreement) -> Agreement:
    return replace(agreement, reader=paper)
