"""Works a bill out from raw events in any :class:`~oracle.ways.Way`: the right one, or a wrong one.

    workings = Workings(case)
    workings.bill()                 # the right one: what ``oracle.expectation`` expects
    workings.bill(way)              # what this way gives; None where it gives no bill
    workings.differs(way, facts)    # whether a platform that tells these facts would show it

Events that every way treats alike lie in one cell, so that a cell's fees are worked out once for
each rate and rounding, however many ways there are.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial
from itertools import repeat
from operator import attrgetter

from oracle import floats
from oracle.bill import Bill, Facts, Line
from oracle.cells import Cell, Cells
from oracle.choosing import Choosing, Chosen
from oracle.fees import Rounding
from oracle.known import KNOWN, OTHERS
from oracle.lines import bill_of, decimal, put_together, rounded_fraction, units
from oracle.money import exact_sum
from oracle.raw import Case
from oracle.rules import Each, Per, Rules, rounded
from oracle.rules import Rounding as RoundingRule
from oracle.telling import told
from oracle.ways import RIGHT, Floats, Way

_FEE = attrgetter(
    *("unsigned", "least", "mode", "each", "total_once", "digits", "twice", "exact", "floats"),
    "told",
)
FACTS = ("event_count", "recovered_amount", "gain_share_amount")
_ROUNDING = attrgetter("mode", "each", "digits", "twice", "floats")


@dataclass(frozen=True)
class Figures:
    """What a bill comes to, before its lines are made: enough to see that it is not the one.

    The fee is the dearest to work out, so that it is left until somebody asks.
    """

    event_count: int
    recovered_amount: Fraction
    _fee: Callable[[], Fraction | None] = field(repr=False, compare=False)

    @cached_property
    def gain_share_amount(self) -> Fraction | None:
        """What is billed; None where that takes the lines to tell."""
        return self._fee()


class Workings:
    """A case, worked out in any way; what ways have in common is worked out once.

    ``ways`` are those that may be asked for, alone and beside each other.
    """

    def __init__(self, case: Case, ways: Iterable[Way] = (*KNOWN, *OTHERS)) -> None:
        self.case = case
        self.cells = Cells(case, ways)
        self._choosing = Choosing(case, self.cells)
        self._rounded: dict[object, tuple[RoundingRule, Rounding]] = {}

    @cached_property
    def _figures(self) -> "Figures | None":
        return self.figures(RIGHT)

    @cached_property
    def right(self) -> Bill | None:
        """What the rules give; ``None`` where there is nothing to bill."""
        return self.bill()

    def bill(self, way: Way = RIGHT, *, right_rates: bool = False) -> Bill | None:
        """Return the bill that a way gives; ``None`` where it gives none.

        With ``right_rates`` lines are told at the rates that they should have been billed at.
        """
        chosen = self._put_together(way)
        if not chosen or self.cells.currency is None:
            return None
        currency, rounding = self.cells.currency, self._rounding(way)
        lines = self._lines(chosen, way, right_rates=right_rates)
        if rounding.each is not Each.EVENT and way.exact:
            rounding = replace(rounding, each=Each.EVENT)  # which is done, and was no rounding
        if rounding.each is Each.LINE and way.twice:
            lines = self._rounded_before(lines, rounding, way.twice)
        rules = replace(self.case.rules, rounding=rounding)
        bill = _not_below_zero(bill_of(lines, {currency}, rules), way.least)
        if way.total_once:
            bill = replace(bill, gain_share_amount=self._rounded_once(chosen, rules))
        return told(bill, way.told) if way.told is not None else bill

    def differs(self, way: Way, facts: Facts) -> bool:
        """Tell whether who is told these facts would see that a bill was worked out in a way.

        A rate that is told as it should be must not be what gives it away.
        """
        right = self._figures
        if self.right is None or right is None:
            return False
        if _FEE(way) == _FEE(RIGHT) and self.billed(way) == self.billed(RIGHT):
            return False
        figures = self.figures(way)
        told = [name for name in FACTS if name in facts.bill]
        if figures is None or (way.told is None and any(_apart(figures, right, n) for n in told)):
            return True
        bill = self.bill(way, right_rates=True)
        return bill is None or bool(bill.told_as(facts).differences(self.right, facts))

    def figures(self, way: Way) -> Figures | None:
        """Return what a way's bill comes to, whatever is told of it; ``None`` for no bill.

        There is no fee where that takes the lines to tell.
        """
        chosen = self._put_together(way)
        if not chosen:
            return None
        count = sum(one.times * len(one.cell.events) for one in chosen)
        recovered = sum(one.times * _recovered(one.cell, way) for one in chosen)
        fee = partial(self._total, chosen, way)
        return Figures(count, Fraction(recovered, self.cells.scale), fee)

    def _total(self, chosen: Sequence[Chosen], way: Way) -> Fraction | None:
        rule = self._rounding(way)
        if way.least is Each.LINE or (rule.each is Each.LINE and not way.exact):
            return None
        if way.total_once or (rule.each is Each.INVOICE and not way.exact):
            fee = Fraction(self._rounded_once(chosen, replace(self.case.rules, rounding=rule)))
        else:
            fee = self._fees(chosen, way)
        return max(fee, Fraction()) if way.least is Each.INVOICE else fee

    def billed(self, way: Way) -> tuple[Chosen, ...] | None:
        """Return what a way bills; ``None`` for one that was not known when the work began."""
        return self._choosing.billed(way)

    def _put_together(self, way: Way) -> tuple[Chosen, ...] | None:
        """Return what a way bills, in fewer cells where it is what is right: many ways share it."""
        chosen = self.billed(way)
        return self._rightly_billed if chosen is self.billed(RIGHT) else chosen

    @cached_property
    def _rightly_billed(self) -> tuple[Chosen, ...] | None:
        """What is right, in one cell for all that cost alike, however they are rounded."""
        groups: dict[object, list[Chosen]] = {}
        for one in self.billed(RIGHT) or ():
            traits = one.cell.traits
            key = traits.finding_type, traits.currency, traits.sign < 0, one.rate, one.times
            groups.setdefault(key, []).append(one)
        return tuple(_as_one(group) for group in groups.values())

    @property
    def places(self) -> dict[str, tuple[Cell, int]]:
        """The cell of each event by its id, and where it lies there."""
        return self._choosing.places

    # What they cost.

    def _rounding(self, way: Way) -> RoundingRule:
        return self._rounded_by(way)[0]

    def _by_event(self, way: Way) -> Rounding:
        return self._rounded_by(way)[1]

    def _rounded_by(self, way: Way) -> tuple[RoundingRule, Rounding]:
        """What a way rounds and how, and how the fee of an event is, if that is what it rounds."""
        key = _ROUNDING(way)
        if key not in self._rounded:
            rules, currency = self.case.rules, self.cells.currency or ""
            digits = rules.rounding.digits if way.digits is None else way.digits
            mode, each = way.mode or rules.rounding.mode, way.each or rules.rounding.each
            rule = RoundingRule(mode, each, digits)
            unit = units(currency, replace(rules, rounding=rule))
            binary = None if way.floats is Floats.RECOVERED else way.floats
            self._rounded[key] = rule, Rounding(rule.mode, unit, way.twice, binary)
        return self._rounded[key]

    def _fee(self, one: Chosen, way: Way) -> Fraction:
        """The fees of a cell: each rounded, or none where lines or the total are."""
        cell = one.cell
        negative = cell.traits.sign < 0
        if negative and way.least is Each.EVENT:
            return Fraction()
        if way.exact or self._rounding(way).each is not Each.EVENT:
            fee = cell.exactly(one.rate)
        else:
            rounding = self._by_event(way)
            fee = Fraction(cell.fees(one.rate, rounding), rounding.unit)
        return abs(fee) if way.unsigned else fee

    def _fees(self, chosen: Iterable[Chosen], way: Way) -> Fraction:
        if way.exact or self._rounding(way).each is not Each.EVENT or way.unsigned or way.least:
            return sum((one.times * self._fee(one, way) for one in chosen), Fraction())
        rounding = self._by_event(way)
        fees = sum(one.times * one.cell.fees(one.rate, rounding) for one in chosen)
        return Fraction(fees, rounding.unit)

    @property
    def unit(self) -> int:
        """How many of the smallest amount that is rightly billed make one major unit."""
        return self._by_event(RIGHT).unit

    def fees_one_by_one(self, one: Chosen) -> Iterator[int | None]:
        """What each of a cell's events rightly costs; nothing where they are not rounded so."""
        if self._rounding(RIGHT).each is not Each.EVENT:
            return repeat(None)
        rounding = self._by_event(RIGHT)
        share = one.rate * rounding.unit / one.cell.scale
        numerator, denominator, mode = share.numerator, share.denominator, rounding.mode
        return (rounded(amount * numerator, denominator, mode) for amount in one.cell.amounts)

    def rounds_events(self, way: Way) -> bool:
        """Tell whether each event has a fee of its own, by the rules and in a way."""
        rules = (self._rounding(RIGHT), self._rounding(way))
        return all(rule.each is Each.EVENT for rule in rules)

    def costs_alike(self, one: Chosen, way: Way, other: Chosen) -> bool:
        """Tell whether a cell's events cost the same in a way as they should."""
        alike = one.times == other.times and not way.unsigned
        return alike and self._fee(one, way) == self._fee(other, RIGHT)

    def fee_of(self, chosen: Chosen, number: int, way: Way) -> Fraction:
        """What one of a cell's events costs."""
        return self._fee(chosen._replace(cell=chosen.cell.of_one(number)), way)

    def _rounded_once(self, chosen: Iterable[Chosen], rules: Rules) -> Decimal:
        """What the events cost in all, rounded once."""
        exact = sum((one.times * one.cell.exactly(one.rate) for one in chosen), Fraction())
        unit = units(self.cells.currency or "", rules)
        fee = rounded_fraction(exact * unit, rules.rounding.mode)
        return decimal(Fraction(fee, unit))

    # The lines of the bill.

    def _lines(self, chosen: Sequence[Chosen], way: Way, *, right_rates: bool) -> list[Line]:
        if self.case.rules.lines is Per.EVENT:
            return list(self._event_lines(chosen, way, right_rates=right_rates))
        groups: dict[tuple[str | None, Fraction], list[Chosen]] = {}
        for one in chosen:
            rate = one.told_at if right_rates else one.rate
            groups.setdefault((one.cell.traits.finding_type, rate), []).append(one)
        lines = (self._line(kind, rate, ones, way) for (kind, rate), ones in groups.items())
        return [line for line in lines if line.event_count]

    def _line(self, kind: str | None, rate: Fraction, ones: list[Chosen], way: Way) -> Line:
        recovered = sum(one.times * _recovered(one.cell, way) for one in ones)
        return Line(
            finding_type=kind,
            rate=decimal(rate),
            event_count=sum(one.times * len(one.cell.events) for one in ones),
            recovered_amount=_in_floats(ones)
            if way.floats is Floats.RECOVERED
            else decimal(Fraction(recovered, self.cells.scale)),
            gain_share_amount=decimal(
                sum((one.times * self._fee(one, way) for one in ones), Fraction())
            ),
        )

    def _event_lines(
        self, chosen: Sequence[Chosen], way: Way, *, right_rates: bool
    ) -> Iterator[Line]:
        times: Counter[tuple[str, int]] = Counter()
        lines: dict[tuple[str, int], Line] = {}
        for one in chosen:
            for number, event in enumerate(one.cell.events):
                key = event.id, one.cell.amounts[number]
                times[key] += one.times
                if key not in lines:
                    single = one._replace(cell=one.cell.of_one(number), times=1)
                    rate = one.told_at if right_rates else one.rate
                    line = self._line(event.finding_type, rate, [single], way)
                    lines[key] = replace(line, event_id=event.id)
        for key, line in lines.items():
            yield from [line] * times[key]

    def _rounded_before(self, lines: list[Line], rule: RoundingRule, more: int) -> list[Line]:
        """Round lines first to more digits than they have in the end."""
        currency, rules = self.cells.currency or "", self.case.rules
        digits = len(str(units(currency, replace(rules, rounding=rule)))) - 1
        finer = replace(rules, rounding=replace(rule, digits=digits + more))
        return list(bill_of(put_together(lines, rules.lines), {currency}, finer).lines or ())


def _as_one(group: list[Chosen]) -> Chosen:
    """Put what cost alike into one cell."""
    cells = [one.cell for one in group]
    whole = Cell(
        cells[0].traits,
        cells[0].scale,
        [event for cell in cells for event in cell.events],
        [amount for cell in cells for amount in cell.amounts],
        sum(cell.total for cell in cells),
    )
    return group[0]._replace(cell=whole)


def _apart(one: Figures, other: Figures, name: str) -> bool:
    """Tell whether a figure that both have is not the same."""
    figures = getattr(one, name), getattr(other, name)
    return None not in figures and figures[0] != figures[1]


def _recovered(cell: Cell, way: Way) -> int:
    return abs(cell.total) if way.unsigned == "amount" else cell.total


def _in_floats(ones: Iterable[Chosen]) -> Decimal:
    """What lines recovered, added up in the order of the events."""
    amounts = [
        (event.occurred_at, event.key or "", event.id, amount)
        for one in ones
        for event, amount in zip(one.cell.events, one.cell.amounts, strict=True)
    ]
    scale = next(one.cell.scale for one in ones)
    return floats.added_up((amount for *_, amount in sorted(amounts)), scale)


def _not_below_zero(bill: Bill, least: Each | None) -> Bill:
    """Let no line, or not the total, be below zero."""
    if least is Each.LINE:
        lines = tuple(
            replace(line, gain_share_amount=max(line.gain_share_amount or Decimal(), Decimal()))
            for line in bill.lines or ()
        )
        total = exact_sum(line.gain_share_amount or Decimal() for line in lines)
        return replace(bill, lines=lines, gain_share_amount=total)
    if least is Each.INVOICE:
        return replace(bill, gain_share_amount=max(bill.gain_share_amount or Decimal(), Decimal()))
    return bill
