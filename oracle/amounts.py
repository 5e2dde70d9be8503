"""Amounts on which known ways of rounding wrongly show, chosen for one rate and currency.

A fee before it is rounded lies so far above a whole number of the smallest units that are billed:
in the middle, just below it, above it. Which amounts come to lie where follows from the rate alone,
in integers; where a rate leaves none, no amount tells those ways of rounding apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from oracle.rules import Mode, rounded

# Fifteen digits are what every binary fraction holds; the sixteenth is one too many.
MOST_DIGITS = 16
# A bill adds up a few amounts; what they come to must have room too.
MARGIN = 3
TRIED = 400  # amounts on which binary fractions may go wrong


class Place(StrEnum):
    """Where a fee lies between two whole numbers of units, before it is rounded."""

    EVEN = "a half above an even unit"
    ODD = "a half above an odd unit"
    BELOW = "just below a half"
    ABOVE = "just above a half"
    WHOLE = "a whole number of units"


@dataclass(frozen=True)
class Share:
    """What becomes of amounts at a rate, where ``units`` of the smallest that is billed make one.

    The tables keep ``scale`` digits of an amount behind its point, and ``whole`` before it.
    """

    rate: Decimal
    units: int
    scale: int
    whole: int

    @property
    def fee(self) -> Fraction:
        """The fee of the smallest amount, in units."""
        return Fraction(self.rate) * self.units / Fraction(10**self.scale)

    def at(self, place: Place, nth: int = 1) -> Decimal | None:
        """Return the nth positive amount whose fee lies there; ``None`` where no amount's does."""
        numerator, denominator = self.fee.numerator, self.fee.denominator
        rest = _rest(place, denominator)
        if rest is None or numerator == 0:
            return None
        first = rest * pow(numerator, -1, denominator) % denominator if denominator > 1 else 0
        number = first + nth * denominator
        if place in (Place.EVEN, Place.ODD):
            # The numerator is odd where there is a half, so that every other one is even.
            number = first + 2 * nth * denominator
            if (number * numerator // denominator) % 2 != (place is Place.ODD):
                number -= denominator
        return self._amount(number)

    def adding(self, amount: Decimal, place: Place) -> Decimal | None:
        """Return an amount whose fee, with that of another, lies there."""
        sought, denominator = self.at(place, 2), self.fee.denominator
        if sought is None:
            return None
        least = self._amount(2 * denominator)  # so that what is added is an amount of its own
        return None if least is None else sought - amount + least

    def missed_by_floats(self) -> Iterator[Decimal]:
        """Yield amounts whose fees binary fractions put on the wrong side of a half."""
        found: set[int] = set()
        for nth in range(1, TRIED):
            for place in (Place.EVEN, Place.ODD):
                amount = self.at(place, nth)
                if amount is None:
                    return
                missed = set(self._missed(amount)) - found
                if missed:
                    found |= missed
                    yield amount

    def _missed(self, amount: Decimal) -> Iterator[int]:
        """Name the ways to work in binary fractions that are wrong for an amount."""
        exact = Fraction(amount) * Fraction(self.rate) * self.units
        right = rounded(exact.numerator, exact.denominator, Mode.HALF_AWAY_FROM_ZERO)
        product = float(amount) * float(self.rate)
        decimal = Decimal(repr(product)) * self.units
        nearest = Fraction(product) * self.units
        told = (
            int(product * self.units + 0.5),
            rounded(nearest.numerator, nearest.denominator, Mode.HALF_AWAY_FROM_ZERO),
            int(decimal + Decimal("0.5")),
        )
        return (number for number, fee in enumerate(told) if fee != right)

    def of_many_digits(self) -> Decimal | None:
        """Return an amount of as many digits as are kept, of a fee that is no whole number."""
        digits = min(self.whole - MARGIN, MOST_DIGITS - self.scale)
        if digits < 1:
            return None
        denominator = self.fee.denominator
        most = int("8" * (digits + self.scale))
        base = self._amount(most // denominator * denominator)
        rest = self.at(Place.EVEN) or self.at(Place.BELOW) or self._amount(1)
        return None if base is None or rest is None else base + rest

    def _amount(self, number: int) -> Decimal | None:
        amount = Decimal(f"{number}E-{self.scale}")
        return amount if abs(amount) < Decimal(10) ** self.whole else None


def _rest(place: Place, denominator: int) -> int | None:
    """The remainder of a fee that lies there; ``None`` where none does."""
    if place is Place.WHOLE:
        return 0
    if place in (Place.EVEN, Place.ODD):
        return denominator // 2 if denominator % 2 == 0 else None
    rest = (denominator - 1) // 2 if place is Place.BELOW else denominator // 2 + 1
    return rest if 0 < rest < denominator else None
