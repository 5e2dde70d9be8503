"""Which events a way bills, how often, and at which rate."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from oracle.cells import Cell, Cells, Traits
from oracle.known import PAGES
from oracle.raw import Case, Event
from oracle.rules import RateAt
from oracle.terms import covering, instant_of
from oracle.ways import RIGHT, By, Left, Taken, Way

_SELECTION = attrgetter(
    *("starts", "ends", "zone", "period_by", "takes", "leaves", "first", "alike", "doubled"),
    *("times", "without", "again", "altered"),
)
_RATE = attrgetter(
    *("rate_at", "rate_by", "general", "terms_start", "terms_end", "terms_zone", "rate_factor"),
    "rate_digits",
)


class Chosen(NamedTuple):
    """Events that are billed, how often, and at which rate; ``told_at`` is the rate that is right.

    A ``single`` event is billed so often beside what its cell is.
    """

    cell: Cell
    times: int
    rate: Fraction
    told_at: Fraction
    single: bool = False


class Choosing:
    """A case's events, chosen and rated; what ways have in common is worked out once."""

    def __init__(self, case: Case, cells: Cells) -> None:
        self._case, self._cells = case, cells
        self._chosen: dict[object, tuple[tuple[Cell, int], ...]] = {}
        self._rated: dict[object, tuple[Chosen, ...] | None] = {}
        self._rates: dict[object, Fraction | None] = {}
        self._known: dict[Fraction | None, Fraction | None] = {}

    def billed(self, way: Way) -> tuple[Chosen, ...] | None:
        """Return what a way bills; ``None`` for one that was not known when the work began."""
        key = _SELECTION(way), _RATE(way)
        if key not in self._rated:
            self._rated[key] = self._work_out_rates(way)
        return self._rated[key]

    def _work_out_rates(self, way: Way) -> tuple[Chosen, ...] | None:
        terms = way.taken_for(self._case.terms)
        edges = [edge for one in terms for edge in (one.starts, one.ends)]
        window = self._cells.between(way.window(self._case.period))
        if window is None or not self._cells.know(edges):
            return None
        rated = []
        for cell, times in self._select(way, window):
            rate = self._rate(cell, way)
            if rate is not None:
                right = self._rate(cell, RIGHT)
                told_at = rate if right is None else right
                rated.append(Chosen(cell, times, rate, told_at, cell.single))
        return tuple(rated)

    def _select(self, way: Way, window: tuple[int, int]) -> tuple[tuple[Cell, int], ...]:
        key = _SELECTION(way)
        if key not in self._chosen:
            if Taken.CATEGORIES in way.takes:
                way = replace(way, takes=way.takes | self._categories)
            found = [(cell, _times(cell.traits, way, window)) for cell in self._cells.all]
            found += [(self.cell_of(id), -1) for id in (*way.without, *dict(way.altered))]
            found += [(self.cell_of(id), 1) for id in way.again]
            found += [(self.cell_of(id).worth(amount), 1) for id, amount in way.altered]
            self._chosen[key] = tuple((cell, times) for cell, times in found if times)
        return self._chosen[key]

    @cached_property
    def _categories(self) -> frozenset[str]:
        told = (one for cell in self._cells.all for one in cell.traits.obstacles)
        return frozenset(told) - {*Taken}

    @cached_property
    def places(self) -> dict[str, tuple[Cell, int]]:
        """The cell of each event by its id, and where it lies there."""
        return {
            event.id: (cell, number)
            for cell in self._cells.all
            for number, event in enumerate(cell.events)
        }

    def cell_of(self, id: str) -> Cell:
        """Return a cell of one event alone."""
        cell, number = self.places[id]
        return cell.of_one(number)

    def _rate(self, cell: Cell, way: Way) -> Fraction | None:
        traits = cell.traits
        key = _RATE(way), traits.finding_type, traits.currency, traits.occurred, traits.created
        if key not in self._rates:
            rate = self._rate_of(cell.events[0], way)
            self._rates[key] = self._known.setdefault(rate, rate)  # one object is equal at once
        return self._rates[key]

    def _rate_of(self, event: Event, way: Way) -> Fraction | None:
        """The rate of an event; ``None`` where there are no terms for it."""
        case = self._case
        rules = replace(case.rules, rate_at=way.rate_at or case.rules.rate_at)
        by_creation = way.rate_by is By.CREATED and event.created_at is not None
        instant = event.created_at if by_creation else event.occurred_at
        if rules.rate_at is not RateAt.EVENT or instant is None:
            issued_at = case.issued_at or datetime.now(UTC)
            instant = instant_of(rules, case.period, case.period.start, issued_at)
        terms = way.taken_for(case.terms)
        if way.general:
            terms = tuple(one for one in terms if one.finding_type is None)
        for currency in (event.currency, self._cells.currency):
            holding = covering(terms, event.finding_type, currency, instant)
            # Where terms are taken to last too long the older ones win, else the newer ones.
            ordered = sorted(holding, key=lambda one: one.starts, reverse=not way.terms_end)
            for one in ordered[:1]:
                if one.rate is not None and one.rate.is_finite():
                    return Fraction(one.rate)
        return None


def _times(traits: Traits, way: Way, window: tuple[int, int]) -> int:
    """How often a way bills events of such traits."""
    at = traits.created if way.period_by is By.CREATED else traits.occurred
    left = (
        not window[0] <= at < window[1]
        or not traits.obstacles <= way.takes
        or (traits.sign < 0 and Left.REVERSALS in way.leaves)
        or (traits.sign == 0 and Left.ZEROS in way.leaves)
        or traits.finding_type in way.leaves
        or (way.first is not None and traits.page > PAGES.index(way.first))
        or (bool(way.alike) and way.alike in traits.alike)
    )
    return 0 if left else way.times * (2 if traits.finding_type in way.doubled else 1)
