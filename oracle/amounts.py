"""Amounts on which known ways of rounding wrongly show, chosen for one rate and currency.

A fee before it is rounded lies so far above a whole number of the smallest units that are billed:
in the middle, just below it, above it. Which amounts come to lie where follows from the rate alone,
in integers; where a rate leaves none, no amount tells those ways of rounding apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from oracle import floats
from oracle.rules import Mode, rounded
from oracle.ways import Floats

# Fifteen digits are what every binary fraction holds; the sixteenth is one too many. One such
# amount is a whole number that a program still holds which tells money as JSON's numbers.
MOST_DIGITS = 16
# Amounts on which binary fractions may go wrong: small ones, and ever larger ones.
TRIED = (*range(1, 40), *(10**power + more for power in range(3, 10) for more in range(8)))
FEW = 12  # those of many digits
IN_FEES = (Floats.SCALED, Floats.MINOR, Floats.NEAREST, Floats.FIFTEEN)


class Place(StrEnum):
    """Where a fee lies between two whole numbers of units, before it is rounded."""

    EVEN = "a half above an even unit"
    ODD = "a half above an odd unit"
    BELOW = "just below a half"
    ABOVE = "just above a half"
    WHOLE = "a whole number of units"


HALVES = (Place.EVEN, Place.ODD)


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
        if place in HALVES:
            # The numerator is odd where there is a half, so that every other one is even.
            number = first + 2 * nth * denominator
            if (number * numerator // denominator) % 2 != (place is Place.ODD):
                number -= denominator
        return self._amount(number)

    def adding(self, amount: Decimal, sought: Decimal) -> Decimal | None:
        """Return a positive amount whose fee, with that of another, lies where a sought one's does.

        Above a unit that is even where that one's is.
        """
        whole = Decimal(f"{2 * self.fee.denominator}E-{self.scale}")
        short = max(amount - sought, Decimal())
        return self._kept(sought - amount + (short // whole + 1) * whole)

    def is_even(self, amount: Decimal) -> bool:
        """Tell whether a fee lies above an even unit."""
        return int(amount.scaleb(self.scale) * self.fee.numerator) // self.fee.denominator % 2 == 0

    def missed_by_floats(self) -> Iterator[Decimal]:
        """Yield small amounts whose fees binary fractions put on the wrong side of a half."""
        yield from self._missing(self.at(place, nth) for nth in TRIED for place in HALVES)

    def of_many_digits(self, small: Iterable[Decimal]) -> Decimal | None:
        """Return an amount of more digits than binary fractions hold, if so many are kept.

        It is one on which as many ways to work in them show as can be that do not on small ones.
        """
        known = {how for amount in small for how in self.off_by(amount)}

        def news(amount: Decimal) -> tuple[int, int]:
            off = self.off_by(amount).keys()
            return len(off - known), len(off)

        denominator = self.fee.denominator
        digits = min(self.whole + self.scale, MOST_DIGITS)
        base = self._amount(int("8" * digits) // denominator * denominator)
        rests = [self.at(place, nth) for nth in range(1, FEW) for place in Place]
        told = [base + rest for rest in rests if base is not None and rest is not None]
        return max(told, key=news, default=None)

    def _missing(self, amounts: Iterable[Decimal | None]) -> Iterator[Decimal]:
        """Yield the amounts on which a way to work in binary fractions shows for the first time."""
        found: set[Floats] = set()
        for amount in amounts:
            missed = set() if amount is None else self.off_by(amount).keys() - found
            if missed and amount is not None:
                found |= missed
                yield amount
            if len(found) == len(IN_FEES):
                return

    def off_by(self, amount: Decimal) -> dict[Floats, int]:
        """Return by how many units ways to work in binary fractions are off, if they are."""
        number, rate, scale = int(amount.scaleb(self.scale)), Fraction(self.rate), 10**self.scale
        exact = number * self.fee
        right = rounded(exact.numerator, exact.denominator, Mode.HALF_AWAY_FROM_ZERO)
        told = {how: floats.fee(number, scale, rate, self.units, how) for how in IN_FEES}
        return {how: fee - right for how, fee in told.items() if fee != right}

    def not_cancelling(self, amounts: Iterable[Decimal]) -> list[Decimal]:
        """Return the amounts, some of them twice so that a total shows what is off in each way."""
        told = list(amounts)
        off = {amount: self.off_by(amount) for amount in told}
        for how in (*IN_FEES, *IN_FEES):
            if not sum(off[amount].get(how, 0) for amount in told):
                told += sorted(amount for amount in off if how in off[amount])[:1]
        return told

    def _amount(self, number: int) -> Decimal | None:
        return self._kept(Decimal(f"{number}E-{self.scale}"))

    def _kept(self, amount: Decimal) -> Decimal | None:
        return amount if abs(amount) < Decimal(10) ** self.whole else None


def _rest(place: Place, denominator: int) -> int | None:
    """The remainder of a fee that lies there; ``None`` where none does."""
    if place is Place.WHOLE:
        return 0
    if place in HALVES:
        return denominator // 2 if denominator % 2 == 0 else None
    rest = (denominator - 1) // 2 if place is Place.BELOW else denominator // 2 + 1
    return rest if 0 < rest < denominator else None
