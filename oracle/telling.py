"""What is told of a bill that was worked out rightly, and told wrongly."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from oracle.bill import Bill, Line
from oracle.money import minor_digits
from oracle.ways import Told

T = TypeVar("T", Bill, Line)


def told(bill: Bill, how: Told) -> Bill:
    """Return what is told of a bill."""
    return _TELLING[how](bill)


def _total(change: Callable[[Decimal], Decimal]) -> Callable[[Bill], Bill]:
    return lambda bill: replace(bill, gain_share_amount=change(bill.gain_share_amount or Decimal()))


def _amounts(power: int) -> Callable[[Bill], Bill]:
    """All amounts, of the bill and of its lines, times a power of ten."""

    def moved(one: T) -> T:
        recovered = (one.recovered_amount or Decimal()).scaleb(power)
        fee = (one.gain_share_amount or Decimal()).scaleb(power)
        return replace(one, recovered_amount=recovered, gain_share_amount=fee)

    def tell(bill: Bill) -> Bill:
        return replace(moved(bill), lines=tuple(map(moved, bill.lines or ())))

    return tell


def _unit(sign: int) -> Callable[[Bill], Bill]:
    def tell(bill: Bill) -> Bill:
        unit = Decimal(sign).scaleb(-(minor_digits(bill.currency or "") or 0))
        return _total(lambda total: total + unit)(bill)

    return tell


def _count(change: int) -> Callable[[Bill], Bill]:
    return lambda bill: replace(bill, event_count=(bill.event_count or 0) + change)


def _rates(bill: Bill) -> Bill:
    lines = tuple(replace(line, rate=line.rate and line.rate * 100) for line in bill.lines or ())
    return replace(bill, lines=lines)


_TELLING: dict[Told, Callable[[Bill], Bill]] = {
    Told.TOTAL_TIMES_100: _total(lambda total: total.scaleb(2)),
    Told.TOTAL_BY_100: _total(lambda total: total.scaleb(-2)),
    Told.AMOUNTS_TIMES_100: _amounts(2),
    Told.AMOUNTS_BY_100: _amounts(-2),
    Told.RATES_TIMES_100: _rates,
    Told.TOTAL_A_UNIT_MORE: _unit(1),
    Told.TOTAL_A_UNIT_LESS: _unit(-1),
    Told.TOTAL_TWICE: _total(lambda total: 2 * total),
    Told.COUNT_ONE_MORE: _count(1),
    Told.COUNT_ONE_LESS: _count(-1),
    Told.FEE_AS_RECOVERED: lambda bill: replace(bill, recovered_amount=bill.gain_share_amount),
    Told.RECOVERED_AS_FEE: lambda bill: replace(bill, gain_share_amount=bill.recovered_amount),
    Told.NO_LINES: lambda bill: replace(bill, lines=()),
    Told.LOWER_CASE: lambda bill: replace(bill, currency=(bill.currency or "").lower()),
}
