"""The raw rows that a bill is worked out from, right or wrong: events around the period, and terms.

Unlike ``oracle.expectation``, which streams what is to be billed, this knows each event by itself,
and those that must not be billed with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from oracle.period import Period
from oracle.rules import Rules
from oracle.terms import Row, Terms, in_utc, read_terms

if TYPE_CHECKING:
    from oracle.readonce import Agreed

# No clock on earth is farther from UTC; the day after a period is wholly within.
AROUND = timedelta(hours=40)
MOST = 200_000  # events; a bill of more is not looked into
FEW = 20_000  # so many are looked into in every run


class Reader(Protocol):
    """What is read through: the statements of ``sql/acceptance/oracle.sql``, by name."""

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Return every row of a statement."""


class Event(NamedTuple):
    """A row, whether it is to be billed or not; instants are in UTC.

    ``created_at`` and ``category`` are ``None`` where the platform's description tells none.
    """

    id: str
    key: str | None
    finding_type: str | None
    currency: str | None
    amount: Decimal
    occurred_at: datetime
    created_at: datetime | None = None
    category: str | None = None
    billable: bool = True
    billed: bool = False


@dataclass(frozen=True)
class Case:
    """What a bill is worked out from; the events are in the order in which they occurred.

    ``issued_at`` is when the bill is made out, where that instant chooses the rate; ``agreed`` is
    what a contract agrees, if there is one.
    """

    events: tuple[Event, ...]
    terms: tuple[Terms, ...]
    period: Period
    rules: Rules
    issued_at: datetime | None = None
    agreed: "Agreed | None" = None

    @cached_property
    def currency(self) -> str | None:
        """The currency that is billed; ``None`` where there is none, or several."""
        start, end = self.period.start, self.period.end
        billable = (one for one in self.events if one.billable and not one.billed)
        currencies = {one.currency for one in billable if start <= one.occurred_at < end}
        return currencies.pop() if len(currencies) == 1 else None


def read_case(
    reader: Reader, tenant_id: str, period: Period, rules: Rules, most: int = MOST
) -> Case | None:
    """Read what is in the period and around it; ``None`` where that are more than ``most``."""
    rows = reader.rows(
        "raw_events",
        tenant_id=tenant_id,
        period_start=period.start,
        period_end=period.end,
        starts=period.start - AROUND,
        ends=period.end + AROUND,
        most=most + 1,
    )
    if len(rows) > most:
        return None
    terms = tuple(read_terms(row) for row in reader.rows("terms", tenant_id=tenant_id))
    return Case(tuple(map(_event, rows)), terms, period, rules)


def _event(row: Row) -> Event:
    created = row["created_at"]
    return Event(
        **row
        | {
            "occurred_at": in_utc(row["occurred_at"]),
            "created_at": None if created is None else in_utc(created),
        }
    )
