"""The fees of many amounts at one rate, rounded in any way, summed up at once.

The amounts are integers of one sign. For every mode of rounding the remainders tell all: how many
lie below the middle, in it, above. So one look at the amounts serves every mode.
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from oracle import floats
from oracle.rules import Mode, rounded
from oracle.ways import Floats

# Amounts, and how often each is there.
Amounts = Iterable[tuple[int, int]]


class Rounding(NamedTuple):
    """How the fee of an event is rounded, to ``1 / unit``."""

    mode: Mode
    unit: int
    twice: int = 0
    floats: Floats | None = None


class Remainders(NamedTuple):
    """Fees before they are rounded: their floors added up, and how many lie where above them.

    ``middles`` are those of even floors, and of odd ones.
    """

    floors: int
    below: int
    above: int
    middles: tuple[int, int]


def remainders(amounts: Amounts, share: Fraction) -> Remainders:
    """Look at ``amount * share`` of each amount."""
    numerator, denominator = share.numerator, share.denominator
    floors = 0
    found: Counter[int] = Counter()
    middles = [0, 0]
    for amount, times in amounts:
        floor, rest = divmod(amount * numerator, denominator)
        floors += floor * times
        if rest:
            double = 2 * rest
            if double == denominator:
                middles[floor % 2] += times
            else:
                found[double > denominator] += times
    return Remainders(floors, found[False], found[True], (middles[0], middles[1]))


def summed(told: Remainders, mode: Mode, *, negative: bool) -> int:
    """Return the fees in all, each rounded by ``mode``."""
    even, odd = told.middles
    places = ((told.below, 1, 0), (told.above, 3, 0), (even, 2, 0), (odd, 2, 1))
    return told.floors + sum(
        number * _step(quarters, parity, mode, negative)
        for number, quarters, parity in places
        if number
    )


@cache
def _step(quarters: int, parity: int, mode: Mode, negative: bool) -> int:
    """How far from its floor a fee is rounded that lies so many quarters above it."""
    floor = parity - 2 if negative else parity
    return rounded(4 * floor + quarters, 4, mode) - floor


def by_another_way(amounts: Amounts, scale: int, rate: Fraction, rounding: Rounding) -> int:
    """Return the fees of ``amount / scale`` in all, rounded twice or in binary fractions."""
    if rounding.floats is not None:
        how, unit = rounding.floats, rounding.unit
        return sum(floats.fee(one, scale, rate, unit, how) * times for one, times in amounts)
    finer, mode = 10**rounding.twice, rounding.mode
    share = rate * rounding.unit * finer / scale
    numerator, denominator = share.numerator, share.denominator
    return sum(
        rounded(rounded(one * numerator, denominator, mode), finer, mode) * times
        for one, times in amounts
    )
