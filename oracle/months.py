"""Months in which a tenant could be billed, and at which rates: where events may be planted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from oracle.period import Period
from oracle.rules import Rules
from oracle.terms import Terms, instant_of, pieces, rates_of

# How many months before and after the period that is judged are looked at.
BEFORE, AFTER = 36, 24
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
# Terms that begin or end beyond these do so at no time that anybody is billed for.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Piece:
    """A part of a month in which no rate changes; ``rates`` are those of each finding type."""

    starts: datetime
    ends: datetime
    rates: tuple[tuple[str, Decimal], ...]

    def scopes(self) -> dict[Decimal, list[str]]:
        """Return the finding types of each rate."""
        found: dict[Decimal, list[str]] = {}
        for finding_type, rate in self.rates:
            found.setdefault(rate, []).append(finding_type)
        return found


@dataclass(frozen=True)
class Month:
    """A month with terms at every instant; ``changes`` where they change within, or at its edge."""

    period: Period
    pieces: tuple[Piece, ...]
    changes: bool = False

    @property
    def rates(self) -> set[Decimal]:
        """Every rate of it."""
        return {rate for piece in self.pieces for _, rate in piece.rates}


@dataclass(frozen=True)
class Almanac:
    """Which months have terms, in one currency, for these finding types."""

    terms: tuple[Terms, ...]
    rules: Rules
    currency: str
    finding_types: tuple[str, ...]

    def month(self, starts: datetime) -> Month | None:
        """Return the month that begins then; ``None`` where an instant of it has no one rate."""
        period = Period(starts, following(starts))
        found = [
            self._piece(period, *piece) for piece in pieces(period, list(self.terms), self.rules)
        ]
        if any(not piece.rates for piece in found):
            return None
        changes = any(period.start <= one <= period.end for one in self.bounds)
        return Month(period, tuple(found), changes)

    def rates(self, period: Period) -> set[Decimal]:
        """Return every rate of a period."""
        told = (self._piece(period, *one) for one in pieces(period, list(self.terms), self.rules))
        return {rate for piece in told for _, rate in piece.rates}

    @cached_property
    def bounds(self) -> list[datetime]:
        """Return the instants at which a finding type gets another rate, the newest first."""
        told = {bound for term in self.terms for bound in (term.starts, term.ends) if bound}
        return sorted((one for one in told if self._changes(one)), reverse=True)

    def _changes(self, bound: datetime) -> bool:
        if not EARLIEST <= bound < LATEST:
            return False
        return any(
            before != after and len(before) == len(after) == 1
            for one in self.finding_types
            for before, after in [[self._at(one, at) for at in (bound - MICROSECOND, bound)]]
        )

    def _at(self, finding_type: str, instant: datetime | None) -> list[Decimal]:
        return rates_of(list(self.terms), finding_type, self.currency, instant)

    def _piece(self, period: Period, starts: datetime, ends: datetime) -> Piece:
        instant = instant_of(self.rules, period, starts, None)
        told = [(one, self._at(one, instant)) for one in self.finding_types]
        rates = tuple(
            (one, rates[0]) for one, rates in told if len(rates) == 1 and _share(rates[0])
        )
        return Piece(starts, ends, rates)

    def about_changes(self, judged: Period) -> Iterator[Month]:
        """Yield the months on both sides of each change of a rate, the newest change first."""
        starts, ends = window(judged)
        for bound in (one for one in self.bounds if starts < one < ends):
            sides = dict.fromkeys(map(_month_of, (bound - MICROSECOND, bound)))
            yield from (month for side in sides if (month := self.month(side)))

    def around(self, judged: Period, now: datetime) -> Iterator[Month]:
        """Yield months about a period: those that have ended first, then those that are near."""
        first = _month_of(judged.start)
        candidates = [_shifted(first, by) for by in range(-BEFORE, AFTER + 1)]

        def last(starts: datetime) -> tuple[bool, bool, timedelta]:
            ends = following(starts)
            return ends > now, starts <= judged.end and ends >= judged.start, abs(starts - first)

        order = sorted(candidates, key=last)
        yield from (month for one in order if (month := self.month(one)))


def window(judged: Period) -> tuple[datetime, datetime]:
    """Return between which instants months are looked for."""
    first = _month_of(judged.start)
    return _shifted(first, -BEFORE - 1), _shifted(first, AFTER + 2)


def _share(rate: Decimal | None) -> bool:
    return rate is not None and rate.is_finite() and 0 <= rate <= 1


def following(instant: datetime) -> datetime:
    """Return when the month after that of an instant begins."""
    return _shifted(_month_of(instant), 1)


def _month_of(instant: datetime) -> datetime:
    return datetime(instant.year, instant.month, 1, tzinfo=UTC)


def _shifted(starts: datetime, by: int) -> datetime:
    years, month = divmod(starts.month - 1 + by, 12)
    return starts.replace(year=starts.year + years, month=month + 1)


def holds_nothing(period: Period, spans: Iterable[tuple[datetime, datetime]]) -> bool:
    """Tell whether nothing lies in a period, nor on the day before it or after it."""
    first, last = period.start - DAY, period.end + DAY
    return not any(starts < last and ends > first for starts, ends in spans)
