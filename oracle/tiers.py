"""Marginal tiers: each rate is charged on the part of an amount that falls into its tier."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from oracle.money import EXACT

Parts = tuple[tuple[Decimal, Decimal], ...]
NOTHING = Decimal()


class Reading(StrEnum):
    """How tiers are read: as parts of an amount, or wrongly."""

    MARGINAL = "marginal"
    VOLUME = "volume"  # everything at the rate of the tier that is reached in the end
    BEGINS = "where it begins"  # each event as a whole, at the rate of the tier it begins in
    ENDS = "where it ends"
    ALONE = "alone"  # as if each event were the first


class TiersOf(StrEnum):
    """What fills tiers, and when they are empty again."""

    INVOICE = "invoice"
    CONTRACT_YEAR = "contract year"
    CONTRACT = "contract"


@dataclass(frozen=True)
class Tiers:
    """Rates, and the bounds between them in major units; ``term`` is the number of their term."""

    term: int
    of: TiersOf
    rates: tuple[Decimal, ...]
    bounds: tuple[Decimal, ...]

    def cut(self, before: Decimal, amount: Decimal) -> tuple[Parts, Decimal]:
        """Cut an amount at the bounds; return its parts with their rates, and the first rate.

        ``before`` is what filled the tiers already. The bound belongs to the tier below it, and
        below nothing the first rate holds. What is negative empties what was filled last.
        """
        low, high = sorted((before, EXACT.add(before, amount)))
        inner = [bound for bound in self.bounds if low < bound < high]
        if not inner:
            rate = self._rate_above(low)
            return ((amount, rate),), rate
        edges = list(pairwise([low, *inner, high]))
        if amount < 0:
            edges = [(b, a) for a, b in reversed(edges)]
        parts = tuple((EXACT.subtract(b, a), self._rate_above(min(a, b))) for a, b in edges)
        return parts, parts[0][1]

    def read(
        self, reading: Reading, before: Decimal, amount: Decimal, reached: Decimal
    ) -> tuple[Parts, Decimal]:
        """Return the parts of an amount and the first rate, as tiers are read.

        ``reached`` is what fills the tiers by now, or in the end.
        """
        if reading is Reading.MARGINAL:
            return self.cut(before, amount)
        if reading is Reading.ALONE:
            return self.cut(NOTHING, amount)
        begins = reading is Reading.BEGINS
        rate = self.cut(before, amount)[1] if begins else self._rate_below(reached)
        return ((amount, rate),), rate

    def _rate_below(self, filled: Decimal) -> Decimal:
        """Return the rate of the last cent."""
        return self.rates[sum(bound < filled for bound in self.bounds)]

    def _rate_above(self, filled: Decimal) -> Decimal:
        """Return the rate of the next cent."""
        return self.rates[sum(bound <= filled for bound in self.bounds)]
