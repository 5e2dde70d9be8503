"""The fees of many amounts at one rate, rounded in any way, summed up at once.

The amounts are integers of one sign. For every mode of rounding the remainders tell all: how many
lie below the middle, in it, above. So one look at the amounts serves every mode.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from math import gcd
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

    ``middles`` are those of even floors, and of odd ones. ``near`` are the amounts whose fees lie
    so near the middle that another way to reckon may take them beyond it.
    """

    floors: int
    below: int
    above: int
    middles: tuple[int, int]
    near: tuple[tuple[int, int], ...]


# Of what lies between: rounding to a digit more moves a fee by half of that at most.
NEAR = 20
# Binary fractions of 53 bits miss no fee of fewer units by as much.
LARGE = 10**12


def share_of(rate: Fraction, unit: int, scale: int) -> tuple[int, int]:
    """Return what an amount of ``1 / scale`` is multiplied with for a fee of ``1 / unit``."""
    numerator, denominator = rate.as_integer_ratio()
    numerator, denominator = numerator * unit, denominator * scale
    common = gcd(numerator, denominator)
    return numerator // common, denominator // common


def remainders(amounts: Amounts, share: tuple[int, int]) -> Remainders:
    """Look at each amount times a share: its numerator and denominator, in lowest terms."""
    numerator, denominator = share
    floors = below = above = 0
    middles, near = [0, 0], []
    margin, large = 2 * denominator // NEAR, LARGE * denominator
    for amount, times in amounts:
        exact = amount * numerator
        floor, rest = divmod(exact, denominator)
        floors += floor * times
        if rest:
            beyond = 2 * rest - denominator
            if beyond > 0:
                above += times
            elif beyond < 0:
                below += times
            else:
                middles[floor % 2] += times
            if -margin <= beyond <= margin:
                near.append((amount, times))
                continue
        if not -large < exact < large:
            near.append((amount, times))
    return Remainders(floors, below, above, (middles[0], middles[1]), tuple(near))


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


def moved(told: Remainders, scale: int, rate: Fraction, rounding: Rounding) -> int:
    """By how much fees of ``amount / scale`` differ that are rounded twice, or in binary fractions.

    That is from those that are rounded once, and halves away from zero if in binary fractions.
    """
    numerator, denominator = share_of(rate, rounding.unit, scale)
    mode = Mode.HALF_AWAY_FROM_ZERO if rounding.floats is not None else rounding.mode
    finer = 10**rounding.twice
    difference = 0
    for amount, times in told.near:
        once = rounded(amount * numerator, denominator, mode)
        if rounding.floats is not None:
            fee = floats.fee(amount, scale, rate, rounding.unit, rounding.floats)
        else:
            fee = rounded(rounded(amount * numerator * finer, denominator, mode), finer, mode)
        difference += (fee - once) * times
    return difference
