"""Sorts a case's events into cells: within one, every way treats the events alike."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from oracle.fees import Remainders, Rounding, moved, remainders, share_of, summed
from oracle.known import PAGES
from oracle.raw import Case, Event
from oracle.rules import Mode
from oracle.ways import RIGHT, Taken, Way, of_category


class Traits(NamedTuple):
    """What ways look at in an event.

    ``obstacles`` say why it is not to be billed; ``occurred`` and ``created`` between which two of
    the instants that matter it lies; ``page`` which of the ``PAGES`` is the first to hold it;
    ``alike`` whether it comes "after" one that looks the same, and "before" one.
    """

    finding_type: str | None
    currency: str | None
    obstacles: frozenset[str]
    sign: int
    occurred: int
    created: int
    page: int
    alike: frozenset[str]


@dataclass(eq=False)
class Cell:
    """Events of the same traits, with their amounts as integers of ``1 / scale``."""

    traits: Traits
    scale: int
    events: list[Event] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)
    total: int = 0
    single: bool = False
    _exact: dict[Fraction, Fraction] = field(default_factory=dict)
    _counted: list[tuple[int, int]] = field(default_factory=list)
    _fees: dict[tuple[int, int, Rounding], int] = field(default_factory=dict)
    _remainders: dict[tuple[int, int], Remainders] = field(default_factory=dict)

    def fees(self, rate: Fraction, rounding: Rounding) -> int:
        """The fees of the events in all, each rounded."""
        key = *rate.as_integer_ratio(), rounding  # integers are hashed sooner than a fraction
        fees = self._fees.get(key)
        if fees is None:
            self._counted = self._counted or list(Counter(self.amounts).items())
            fees = self._fees[key] = self._summed(rate, rounding)
        return fees

    def exactly(self, rate: Fraction) -> Fraction:
        """The fees of the events in all, not rounded."""
        if rate not in self._exact:
            self._exact[rate] = self.total * rate / self.scale
        return self._exact[rate]

    def _summed(self, rate: Fraction, rounding: Rounding) -> int:
        share = share_of(rate, rounding.unit, self.scale)
        if share not in self._remainders:
            self._remainders[share] = remainders(self._counted, share)
        told, negative = self._remainders[share], self.traits.sign < 0
        if rounding.floats is not None:
            once = summed(told, Mode.HALF_AWAY_FROM_ZERO, negative=negative)
            return once + moved(told, self.scale, rate, rounding)
        once = summed(told, rounding.mode, negative=negative)
        return once + moved(told, self.scale, rate, rounding) if rounding.twice else once

    def of_one(self, number: int) -> "Cell":
        """Return a cell of one event of it alone."""
        event, amount = self.events[number], self.amounts[number]
        return Cell(self.traits, self.scale, [event], [amount], amount, single=True)

    def worth(self, told: Decimal) -> "Cell":
        """Return the cell of its event with another amount."""
        event, amount = self.events[0]._replace(amount=told), int(told * self.scale)
        traits = self.traits._replace(sign=(amount > 0) - (amount < 0))
        return Cell(traits, self.scale, [event], [amount], amount, single=True)


class Cells:
    """A case's events in cells, by all that some ways look at."""

    def __init__(self, case: Case, ways: Iterable[Way]) -> None:
        self._start, self._end = case.period.start, case.period.end
        self._instants = sorted(_instants(case, (RIGHT, *ways)))
        self._places = {instant: number for number, instant in enumerate(self._instants, 1)}
        self._categories = {event.category for event in case.events if event.billable}
        self.currency = case.currency
        self.scale = 10 ** max((_digits(event.amount) for event in case.events), default=0)
        self.all = tuple(self._sorted_out(case.events))

    def between(self, window: tuple[datetime, datetime]) -> tuple[int, int] | None:
        """Which places lie in a window; ``None`` for one that no way was known to have."""
        places = [self._places.get(edge) for edge in window]
        first, end = places
        return None if first is None or end is None else (first, end)

    def know(self, instants: Iterable[datetime | None]) -> bool:
        """Tell whether events were sorted by all of these instants."""
        return all(one is None or one in self._places for one in instants)

    def _sorted_out(self, events: Sequence[Event]) -> Iterable[Cell]:
        cells: dict[object, Cell] = {}
        several = self._several(events)
        scale, instants = self.scale, self._instants
        occurred = number = 0
        for event in events:
            _, _, kind, currency, told, at, created_at, category, billable, billed = event
            if not told.is_finite():
                continue
            amount = int(told * scale)
            while occurred < len(instants) and instants[occurred] <= at:
                occurred += 1
            page, alike = len(PAGES), _NONE
            if billable and not billed and self._start <= at < self._end:
                page, number = bisect_right(PAGES, number), number + 1
                if (looks := (kind, told, at)) in several:
                    several[looks] = (several[looks][0] + 1, several[looks][1])
                    alike = _alike(*several[looks])
            created = occurred if created_at is None else bisect_right(instants, created_at)
            sign = (amount > 0) - (amount < 0)
            key = (
                kind,
                currency,
                category,
                billable,
                billed,
                sign,
                occurred,
                created,
                page,
                alike,
            )
            cell = cells.get(key)
            if cell is None:
                obstacles = self._obstacles(event)
                traits = Traits(kind, currency, obstacles, sign, occurred, created, page, alike)
                cell = cells[key] = Cell(traits, scale)
            cell.events.append(event)
            cell.amounts.append(amount)
        for cell in cells.values():
            cell.total = sum(cell.amounts)
            yield cell

    def _several(self, events: Iterable[Event]) -> dict[object, tuple[int, int]]:
        """Count the events that look like another one; none of them has been met yet."""
        looks = Counter(
            (event.finding_type, event.amount, event.occurred_at)
            for event in events
            if event.billable and not event.billed and self._start <= event.occurred_at < self._end
        )
        return {one: (0, number) for one, number in looks.items() if number > 1}

    def _obstacles(self, event: Event) -> frozenset[str]:
        """Why an event of the period is not to be billed."""
        if event.billable and not event.billed and event.currency == self.currency:
            return _NONE
        reasons: list[str] = [Taken.BILLED] if event.billed else []
        if event.currency != self.currency:
            reasons.append(Taken.CURRENCIES)
        if not event.billable:
            other = self._categories and event.category not in self._categories
            reasons.append(of_category(event.category) if other else Taken.NOT_BILLABLE)
        return frozenset(reasons)


_NONE: frozenset[str] = frozenset()


def _alike(number: int, of: int) -> frozenset[str]:
    return frozenset(["after"] * (number > 1) + ["before"] * (number < of))


def _digits(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _instants(case: Case, ways: Iterable[Way]) -> set[datetime]:
    """Return every instant at which some way begins or ends something."""
    found: set[datetime] = set()
    for way in ways:
        found.update(way.window(case.period))
        if way is RIGHT or way.terms_start or way.terms_end or way.terms_zone:
            for terms in way.taken_for(case.terms):
                found.update(edge for edge in (terms.starts, terms.ends) if edge is not None)
    return found
