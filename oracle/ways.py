"""The ways to work a bill out: the right one, and every known wrong one, each a deviation from it.

A :class:`Way` says what is done otherwise than the platform's rules say; what it does not mention
is done right. ``oracle.variants.Workings`` works a bill out by any of them, so that a wrong way is
a value, and no code of its own. Two ways that contradict each other in nothing make a third:
``one.beside(other)``.

Each has a ``name``, which is unique and stable, and ``words`` that end the sentence "649.32 is what
... gives". Which wrong ones are known is told in ``oracle.known``.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from oracle.period import Period
from oracle.rules import Each, Mode, RateAt, rounded
from oracle.terms import Terms

MICROSECOND, SECOND, DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)
NEVER = timedelta()


class By(StrEnum):
    """Which instant of an event is looked at."""

    OCCURRED = "occurred_at"
    CREATED = "created_at"


class Taken(StrEnum):
    """Events that no bill of the period may hold, beside those outside of it."""

    BILLED = "billed"
    NOT_BILLABLE = "not billable"  # though of the right category, where it is known
    CATEGORIES = "other categories"
    CURRENCIES = "other currencies"


def of_category(word: str | None) -> str:
    """Name the events of one category among what is taken."""
    return f"category {word}"


class Left(StrEnum):
    """Events that a bill must hold, whatever they are worth."""

    REVERSALS = "reversals"
    ZEROS = "zeros"


class Floats(StrEnum):
    """How a program bills that keeps money in binary fractions."""

    SCALED = "scaled"  # floor(|amount * rate * 100| + 0.5): what JavaScript's programs do
    MINOR = "minor units"  # the same, of an amount in cents
    NEAREST = "nearest"  # to the decimal next to the binary fraction: Python's round
    FIFTEEN = "fifteen digits"  # PostgreSQL's float8 as numeric
    RECOVERED = "recovered"  # what was recovered is added up, the fees are right


class Told(StrEnum):
    """What is told of a bill that was worked out rightly."""

    TOTAL_TIMES_100 = "the total times 100"
    TOTAL_BY_100 = "the total divided by 100"
    AMOUNTS_TIMES_100 = "amounts times 100"
    AMOUNTS_BY_100 = "amounts divided by 100"
    RATES_TIMES_100 = "rates times 100"
    TOTAL_A_UNIT_MORE = "the total a unit more"
    TOTAL_A_UNIT_LESS = "the total a unit less"
    TOTAL_TWICE = "the total twice"
    COUNT_ONE_MORE = "one event more"
    COUNT_ONE_LESS = "one event less"
    FEE_AS_RECOVERED = "the fee as what was recovered"
    RECOVERED_AS_FEE = "what was recovered as the fee"
    NO_LINES = "no lines"
    LOWER_CASE = "the currency in lower case"


@dataclass(frozen=True)
class Way:
    """How a bill is worked out; what is left as it is by default is done as the rules say.

    Which events: the period begins ``starts`` and ends ``ends`` later, or is that of the clock of
    ``zone``, looked at ``period_by`` another instant; ``takes`` events along that are not to be
    billed (of one category by its word), ``leaves`` others out (of one finding type by its name),
    bills the ``first`` so many alone, leaves those out that come "after" one that is ``alike``, or
    "before" one, bills those of finding types ``doubled`` twice, everything ``times``. ``without``
    and ``again`` are ids of single events, ``altered`` those of others with the amounts that they
    are taken for.

    At which rate: that of ``rate_at``, or ``rate_by``; the ``general`` terms for all; terms that
    begin ``terms_start`` and end ``terms_end`` later, or by the clock of ``terms_zone``; times
    ``rate_factor``, cut or rounded to ``rate_digits``.

    Which fee: ``unsigned`` takes reversals for gains, in the fee or in the amount; ``least`` lets
    no fee of an event, a line, or the whole go below zero. Rounding by ``mode``, ``each`` and
    ``digits``, the total by itself ``total_once``, first to ``twice`` more digits, ``exact`` not at
    all, or in ``floats``.

    ``told`` is what is told of a bill that is right.
    """

    name: str = "right"
    words: str = "billing by the rules"
    starts: timedelta = NEVER
    ends: timedelta = NEVER
    zone: str = ""
    period_by: By = By.OCCURRED
    takes: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    first: int | None = None
    alike: str = ""
    doubled: frozenset[str] = frozenset()
    times: int = 1
    without: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    altered: tuple[tuple[str, Decimal], ...] = ()
    rate_at: RateAt | None = None
    rate_by: By = By.OCCURRED
    general: bool = False
    terms_start: timedelta = NEVER
    terms_end: timedelta = NEVER
    terms_zone: str = ""
    rate_factor: int = 1
    rate_digits: tuple[int, Mode] | None = None
    unsigned: str = ""
    least: Each | None = None
    mode: Mode | None = None
    each: Each | None = None
    total_once: bool = False
    digits: int | None = None
    twice: int = 0
    exact: bool = False
    floats: Floats | None = None
    told: Told | None = None
    parts: tuple["Way", ...] = field(default=(), compare=False, repr=False)

    def beside(self, other: "Way") -> "Way | None":
        """Return what does both wrongly; ``None`` where they speak of the same."""
        mine, theirs = self.deviations, other.deviations
        if mine.keys() & theirs.keys() - _SETS:
            return None
        both = {name: mine[name] | theirs[name] for name in mine.keys() & theirs.keys()}
        if any(both[name] in (mine[name], theirs[name]) for name in both):
            return None
        both |= {
            "name": f"{self.name}, {other.name}",
            "words": f"{self.words} together with {other.words}",
            "parts": (*(self.parts or (self,)), *(other.parts or (other,))),
        }
        return replace(RIGHT, **{**mine, **theirs, **both})

    @cached_property
    def deviations(self) -> dict[str, Any]:
        """What is done otherwise, by field."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if one.name not in _SAYING and getattr(self, one.name) != getattr(RIGHT, one.name)
        }

    def window(self, period: Period) -> tuple[datetime, datetime]:
        """The first instant that is billed, and the first after it that is not."""
        start, end = (_on_the_clock(edge, self.zone) for edge in (period.start, period.end))
        return start + self.starts, end + self.ends

    def taken_for(self, terms: Iterable[Terms]) -> tuple[Terms, ...]:
        """What terms are taken for: when they begin and end, and at which rate."""
        return tuple(map(self._taken_for, terms))

    def _taken_for(self, terms: Terms) -> Terms:
        starts, ends, rate = terms.starts, terms.ends, terms.rate
        with suppress(OverflowError):  # terms of all times have no edge to be wrong about
            starts = _on_the_clock(starts, self.terms_zone) + self.terms_start
        with suppress(OverflowError):
            ends = ends and _on_the_clock(ends, self.terms_zone) + self.terms_end
        if rate is not None and rate.is_finite():
            rate *= self.rate_factor
            if self.rate_digits is not None:
                digits, mode = self.rate_digits
                whole = Fraction(rate) * 10**digits
                rate = Decimal(rounded(whole.numerator, whole.denominator, mode)).scaleb(-digits)
        return replace(terms, starts=starts, ends=ends, rate=rate)


def _on_the_clock(instant: datetime, zone: str) -> datetime:
    """When the clock of a zone shows what it is in UTC; as it is without one."""
    return instant.replace(tzinfo=ZoneInfo(zone)).astimezone(instant.tzinfo) if zone else instant


_SAYING = ("name", "words", "parts")
_SETS = frozenset({"takes", "leaves", "doubled", "without", "again"})
RIGHT = Way()


def wrong(name: str, words: str, **otherwise: Any) -> Way:
    """Return the way that does these things otherwise."""
    return replace(RIGHT, name=name, words=words, **otherwise)
