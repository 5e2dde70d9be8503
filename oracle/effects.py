"""What a wrong way does to single events, in words: whose fee is another, and who is billed or not.

Amounts are in major units of the currency.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from oracle.choosing import Chosen
from oracle.lines import decimal
from oracle.money import plain
from oracle.raw import Event
from oracle.variants import Workings
from oracle.ways import RIGHT, Way
from runbook.words import counted

MOST_NAMED = 3
# So many are looked at to be counted.
MOST_COUNTED = 1_000


class Change(NamedTuple):
    """An event that is billed otherwise: how often and for what, and how it should be."""

    event: Event
    times: int
    fee: Fraction
    right_times: int
    right_fee: Fraction

    def words(self, currency: str) -> str:
        """Say what is done to the event."""
        name = self.event.key or self.event.id
        recovered = plain(self.event.amount, currency)
        if self.times and self.right_times and self.times == self.right_times:
            fee, right = (plain(decimal(one), currency) for one in (self.fee, self.right_fee))
            return f"{name}: {fee} for {right}"
        if not self.right_times:
            return f"with {name}: {recovered} recovered"
        if not self.times:
            return f"without {name}: {recovered} recovered"
        return f"{name}, {recovered} recovered, {_times(self.times)}"


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"  # noqa: PLR2004 - two is a word


def words(work: Workings, way: Way) -> str:
    """Name a few of the events that a way bills otherwise, and say how many more there are."""
    found = list(islice(changes(work, way), MOST_COUNTED))
    named = [change.words(work.cells.currency or "") for change in found[:MOST_NAMED]]
    more = len(found) - len(named)
    if more > 0:
        at_least = "at least " if len(found) == MOST_COUNTED else ""
        named.append(f"and {at_least}{counted(more, 'event')} more")
    return "; ".join(named)


def changes(work: Workings, way: Way) -> Iterator[Change]:
    """Yield the events that a way bills otherwise than they should be, as they come.

    Fees are compared where each event has one; else only which events are billed, and how often.
    """
    right = {id(one.cell): one for one in work.billed(RIGHT) or ()}
    wrong = work.billed(way) or ()
    for one in wrong:
        if one.single:
            yield _of_single(work, way, one, right)
        else:
            yield from _of_cell(work, way, one, right.get(id(one.cell)))
    kept = {id(one.cell) for one in wrong}
    for key, other in right.items():
        if key not in kept:
            yield from _of_cell(work, way, None, other)


def _of_single(work: Workings, way: Way, one: Chosen, right: Mapping[int, Chosen]) -> Change:
    """An event that is billed once less, or more, or for another amount."""
    event = one.cell.events[0]
    cell, number = work.places[event.id]
    other = right.get(id(cell)) if event.amount == cell.events[number].amount else None
    fee = work.fee_of(other, number, RIGHT) if other else Fraction()
    times = other.times if other else 0
    return Change(event, times + one.times, work.fee_of(one, 0, way), times, fee)


def _of_cell(
    work: Workings, way: Way, one: Chosen | None, other: Chosen | None
) -> Iterator[Change]:
    """Yield what is otherwise in a cell that a way bills as ``one``, and the rules as ``other``."""
    told = one or other
    if told is None or (one and other and work.costs_alike(one, way, other)):
        return
    times, right_times = one.times if one else 0, other.times if other else 0
    by_fee = work.rounds_events(way)
    for number, event in enumerate(told.cell.events):
        fee = work.fee_of(one, number, way) if one else Fraction()
        right_fee = work.fee_of(other, number, RIGHT) if other else Fraction()
        if times != right_times or (by_fee and fee != right_fee):
            yield Change(event, times, fee, right_times, right_fee)
