"""A tenant's terms, stored or signed, and which rate they give an event, cut where it changes."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Protocol

from oracle.bill import Line
from oracle.period import Period
from oracle.rules import RateAt, Rules
from oracle.tiers import Tiers

Row = dict[str, Any]
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    """A rate of the tenant; ``finding_type`` ``None`` is the general one, ``ends`` is exclusive.

    The rate is as it is stored, whatever that may be.
    """

    finding_type: str | None
    currency: str
    rate: Decimal | None
    starts: datetime
    ends: datetime | None
    tiers: Tiers | None = None

    def scope(self, finding_type: str | None, currency: str | None) -> bool:
        """Tell whether they are about such an event, at some time."""
        return self.currency == currency and self.finding_type in (finding_type, None)

    def hold(self, instant: datetime) -> bool:
        """Tell whether they hold at ``instant``."""
        return self.starts <= instant and (self.ends is None or instant < self.ends)


# Which terms hold for an event of a finding type, in a currency, at an instant; None for none.
Choose = Callable[[str | None, str, datetime], Terms | None]


class Signed(Protocol):
    """What was signed, in place of the terms that are stored."""

    @property
    def terms(self) -> list[Terms]:
        """The terms that hold."""

    def lines(self, choose: Choose) -> list[Line] | None:
        """The lines of every event by itself, where what it earns rests on more than its rate."""


def read_terms(row: Row) -> Terms:
    """Return terms as they are stored; their dates begin in UTC."""
    return Terms(
        finding_type=row["finding_type"],
        currency=row["currency"],
        rate=row["rate"],
        starts=in_utc(row["valid_from"]),
        ends=None if row["valid_to"] is None else in_utc(row["valid_to"]),
    )


def in_utc(told: date) -> datetime:
    """A day begins, and an instant without a zone is told, in UTC: whatever the session's zone."""
    instant = told if isinstance(told, datetime) else datetime.combine(told, time())
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def pieces(period: Period, terms: list[Terms], rules: Rules) -> Iterator[tuple[datetime, datetime]]:
    """Cut the period wherever the rate of an event may change with its instant."""
    if rules.rate_at is not RateAt.EVENT:
        return iter([(period.start, period.end)])
    bounds = {instant for term in terms for instant in (term.starts, term.ends) if instant}
    inner = sorted(bound for bound in bounds if period.start < bound < period.end)
    return pairwise([period.start, *inner, period.end])


def instant_of(
    rules: Rules, period: Period, starts: datetime, issued_at: datetime | None
) -> datetime | None:
    """The instant at which terms must hold; none where the newest are taken."""
    if rules.rate_at is RateAt.EVENT:
        return starts
    if rules.rate_at is RateAt.PERIOD_START:
        return period.start
    if rules.rate_at is RateAt.PERIOD_END:
        return period.end - timedelta(microseconds=1)
    return (issued_at or datetime.now(UTC)) if rules.rate_at is RateAt.ISSUE else None


def rates_of(
    terms: Iterable[Terms], finding_type: str | None, currency: str, instant: datetime | None
) -> list[Any]:
    """Every rate that would apply at an instant, or of the newest terms."""
    holding = covering(terms, finding_type, currency, instant)
    return sorted({term.rate for term in holding}, key=str)


def covering(
    terms: Iterable[Terms], finding_type: str | None, currency: str | None, instant: datetime | None
) -> list[Terms]:
    """The terms that would apply: the specific ones, or else the general ones."""
    holding = [term for term in terms if term.scope(finding_type, currency)]
    if instant is not None:
        holding = [term for term in holding if term.hold(instant)]
    specific = [term for term in holding if term.finding_type is not None]
    holding = specific or holding
    if instant is None:
        newest = max((term.starts for term in holding), default=EARLIEST)
        holding = [term for term in holding if term.starts == newest]
    return holding


def choosing(
    terms: list[Terms], rules: Rules, period: Period, issued_at: datetime | None
) -> Choose:
    """Return how the terms of an event are chosen: the same ones between two of their bounds."""
    bounds = sorted({bound for term in terms for bound in (term.starts, term.ends) if bound})
    known: dict[tuple[str | None, str, int], Terms | None] = {}

    def choose(finding_type: str | None, currency: str, instant: datetime) -> Terms | None:
        at = instant_of(rules, period, instant, issued_at)
        scope = finding_type, currency, 0 if at is None else bisect_right(bounds, at)
        if scope not in known:
            known[scope] = next(iter(covering(terms, finding_type, currency, at)), None)
        return known[scope]

    return choose
