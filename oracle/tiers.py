"""Marginal tiers: each rate is charged on the part of an amount that falls into its tier."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

Parts = tuple[tuple[Fraction, Fraction], ...]


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
    rates: tuple[Fraction, ...]
    bounds: tuple[Fraction, ...]

    def cut(self, before: Fraction, amount: Fraction) -> tuple[Parts, Fraction]:
        """Cut an amount at the bounds; return its parts with their rates, and the first rate.

        ``before`` is what filled the tiers already. The bound belongs to the tier below it, and
        below nothing the first rate holds. What is negative empties what was filled last.
        """
        low, high = sorted((before, before + amount))
        edges = [low, *(bound for bound in self.bounds if low < bound < high), high]
        sign = 1 if amount >= 0 else -1
        parts = [(sign * (b - a), self._rate_above(a)) for a, b in pairwise(edges)]
        parts = parts if sign > 0 else parts[::-1]
        return tuple(parts), parts[0][1]

    def _rate_above(self, filled: Fraction) -> Fraction:
        """Return the rate of the next cent."""
        return self.rates[sum(bound <= filled for bound in self.bounds)]
