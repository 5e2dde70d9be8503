"""What a platform's tables tell of what was agreed: terms, tiers, limits and rules."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from oracle.terms import Row, Terms, in_utc, read_terms

NOTHING, NO_END = Decimal(), Decimal("Infinity")
TIERS = "tiers"  # the fact that tiers are told at all; what is told of each is "tiers.<column>"


class Step(NamedTuple):
    """A part of what is recovered, and the rate that is charged on it."""

    above: Decimal
    up_to: Decimal
    rate: Decimal | None


Day = tuple[int, int]  # a month and a day of it, on which years begin


@dataclass(frozen=True)
class KeptTerms(Terms):
    """Terms as they are stored, with their tiers: what these are filled by, and when years begin.

    Of terms that are stored rightly there is one of each.
    """

    steps: tuple[Step, ...] = ()
    tiers_of: frozenset[str] = frozenset()
    years: frozenset[Day | None] = frozenset()


@dataclass(frozen=True)
class Kept:
    """What is stored of a tenant; ``facts`` are what the platform's tables tell at all.

    ``agreed`` are rows of limits and rules, each for some time; what is None in one was not agreed.
    """

    terms: tuple[Terms, ...] = ()
    agreed: tuple[Row, ...] = ()
    facts: frozenset[str] = frozenset()


def read_kept(
    terms: Iterable[Row],
    tiers: Iterable[Row] = (),
    agreed: Iterable[Row] = (),
    facts: Iterable[str] = (),
) -> Kept:
    """Return what rows of the relations tell; ``facts`` are what the relations have columns for."""
    known = frozenset(facts)
    tiers_of = defaultdict(list)
    for tier in tiers:
        tiers_of[tier["terms_id"]].append(tier)
    stored = [_with_tiers(row, tiers_of[row.get("id")], known) for row in terms]
    return Kept(tuple(stored), tuple(agreed), known)


def _with_tiers(row: Row, tiers: list[Row], facts: frozenset[str]) -> Terms:
    terms = read_terms(row)
    if not tiers:
        return terms
    ends = sorted({NOTHING, *(_end(tier) for tier in tiers)})
    below = {up_to: above for above, up_to in pairwise(ends)}
    steps = []
    for tier in tiers:
        up_to = _end(tier)
        above = _beginning(tier) if "tiers.above" in facts else below.get(up_to, NOTHING)
        steps.append(Step(above, up_to, tier["rate"]))
    return KeptTerms(
        **{name: getattr(terms, name) for name in Terms.__dataclass_fields__},
        steps=tuple(steps),
        tiers_of=frozenset(tier["tiers_of"] for tier in tiers),
        years=frozenset(day_of(tier["begins"]) for tier in tiers),
    )


def _end(tier: Row) -> Decimal:
    up_to: Decimal | None = tier["up_to"]
    return up_to if up_to is not None and up_to.is_finite() else NO_END


def _beginning(tier: Row) -> Decimal:
    above: Decimal | None = tier["above"]
    return max(above, NOTHING) if above is not None and above.is_finite() else NOTHING


def day_of(begins: date | None) -> Day | None:
    """Return the day of the year on which years begin that began then."""
    if begins is None:
        return None
    instant = in_utc(begins)
    return instant.month, instant.day


def one_of(word: Any, known: Iterable[str]) -> str:
    """Return a word that a platform has stored; one that means nothing here, with those that do."""
    words = list(known)
    if word is None:
        return "nothing"
    return str(word) if word in words else f"'{word}' (none of {', '.join(words)})"
