"""What programs bill that keep money in binary fractions, to know them by it.

The oracle's own money never is one: here amounts go in as integers, and fees come out as integers.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import reduce
from math import copysign, floor
from operator import add

from oracle.ways import Floats

# What a float8 is told in by PostgreSQL where it becomes numeric.
FIFTEEN_DIGITS = Context(prec=15)


def fee(amount: int, scale: int, rate: Fraction, unit: int, how: Floats) -> int:
    """Return the fee of ``amount / scale`` in ``1 / unit``, as such a program rounds it.

    Nothing for what no binary fraction is large enough to hold.
    """
    try:
        return _fee(amount, scale, rate, unit, how)
    except OverflowError:
        return 0


def _fee(amount: int, scale: int, rate: Fraction, unit: int, how: Floats) -> int:
    share = (amount / scale) * float(rate)
    if how is Floats.NEAREST:
        return round(Decimal(repr(round(share, len(str(unit)) - 1))) * unit)
    if how is Floats.FIFTEEN:
        told = FIFTEEN_DIGITS.create_decimal(repr(share)) * unit
        return int(told.to_integral_value(ROUND_HALF_UP))
    minor = (amount * unit / scale) * (float(rate * 100) / 100)
    exact = minor if how is Floats.MINOR else share * unit
    return int(copysign(floor(abs(exact) + 0.5), exact))


def added_up(amounts: Iterable[int], scale: int) -> Decimal:
    """Return the sum of amounts, as it is told."""
    return Decimal(repr(reduce(add, (amount / scale for amount in amounts), 0.0)))
