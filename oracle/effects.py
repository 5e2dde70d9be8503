"""What a wrong way does to single events, in words: whose fee is another, and who is billed or not.

Amounts are in major units of the currency.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from oracle.lines import decimal
from oracle.money import plain
from oracle.raw import Event
from oracle.variants import Chosen, Workings
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

    None where fees are not rounded one by one, or where they are rounded in the end alone.
    """
    if not work.rounds_events(way):
        return
    right = {id(one.cell): one for one in work.billed(RIGHT) or ()}
    places = work.places
    for one in work.billed(way) or ():
        if one.single:
            event = one.cell.events[0]
            cell, number = places[event.id]
            other = right.get(id(cell))
            fee = work.fee_of(other, number, RIGHT) if other else Fraction()
            times = other.times if other else 0
            yield Change(event, times + one.times, work.fee_of(one, 0, way), times, fee)
            continue
        yield from _of_cell(work, way, one, right.pop(id(one.cell), None))
    for other in right.values():
        yield from _of_cell(work, way, None, other)


def _of_cell(
    work: Workings, way: Way, one: Chosen | None, other: Chosen | None
) -> Iterator[Change]:
    """Yield what is otherwise in a cell that a way bills as ``one``, and the rules as ``other``."""
    told = one or other
    if told is None or (one and other and work.costs_alike(one, way, other)):
        return
    for number, event in enumerate(told.cell.events):
        fee = work.fee_of(one, number, way) if one else Fraction()
        right_fee = work.fee_of(other, number, RIGHT) if other else Fraction()
        times, right_times = one.times if one else 0, other.times if other else 0
        if (times, fee) != (right_times, right_fee):
            yield Change(event, times, fee, right_times, right_fee)
