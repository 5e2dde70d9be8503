"""A tenant's terms and events in memory, read as the gate reads tables: for tests of the oracle."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from oracle.terms import Row

ORDERED = ("id", "key", "occurred_at", "finding_type", "currency", "amount", "billed")
FAR_PAST = datetime(2000, 1, 1, tzinfo=UTC)
RAW = (
    "id",
    "finding_type",
    "currency",
    "occurred_at",
    "created_at",
    "category",
    "billable",
    "billed",
)


@dataclass(frozen=True)
class Event:
    """A billable event; ``amount`` is in major units, written as the table has it."""

    id: str
    amount: str
    occurred_at: datetime
    finding_type: str | None = "DUPLICATE"
    currency: str | None = "USD"
    key: str = ""
    claimed: bool = False
    created_at: datetime | None = None
    category: str | None = None
    billable: bool = True
    billed: bool = False

    @property
    def scale(self) -> int | None:
        """How many digits the amount has behind its point; None where it is no finite number."""
        if not Decimal(self.amount).is_finite():
            return None
        return len(self.amount.partition(".")[2])


@dataclass(frozen=True)
class Term:
    """A rate; ``finding_type`` ``None`` is the general one, ``ends`` is exclusive."""

    rate: Decimal | None
    starts: datetime = FAR_PAST
    ends: datetime | None = None
    finding_type: str | None = None
    currency: str = "USD"


@dataclass(frozen=True)
class Ledger:
    """What the statements of ``sql/acceptance/oracle.sql`` would answer of a tenant's rows."""

    events: tuple[Event, ...]
    terms: tuple[Term, ...]
    tenant_id: str = "acme"
    invoices: tuple[tuple[datetime, Decimal], ...] = ()

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Answer a statement of that name."""
        return list(getattr(self, f"_{name}")(**values))

    def _terms(self, tenant_id: str) -> Iterator[Row]:
        for term in self.terms if tenant_id == self.tenant_id else ():
            yield {
                "finding_type": term.finding_type,
                "currency": term.currency,
                "rate": term.rate,
                "valid_from": term.starts,
                "valid_to": term.ends,
            }

    def _unbilled(
        self, tenant_id: str, starts: datetime, ends: datetime, shares: int = 1, share: int = 0
    ) -> list[Event]:
        unbilled = [
            event
            for event in (self.events if tenant_id == self.tenant_id else ())
            if starts <= event.occurred_at < ends and event.billable and not event.billed
        ]
        return unbilled[share::shares]

    def _billable_number(self, **bounds: Any) -> Iterator[Row]:
        yield {"event_count": len(self._unbilled(**bounds))}

    def _raw_events(
        self, tenant_id: str, starts: datetime, ends: datetime, most: int, **_: Any
    ) -> Iterator[Row]:
        known = sorted(self.events, key=lambda event: (event.occurred_at, event.id))
        around = [event for event in known if starts <= event.occurred_at < ends]
        for event in around[:most] if tenant_id == self.tenant_id else ():
            row = {name: getattr(event, name) for name in RAW}
            yield row | {"amount": Decimal(event.amount), "key": event.key or event.id}

    def _ordered_events(
        self, tenant_id: str, starts: datetime, ends: datetime, **_: Any
    ) -> Iterator[Row]:
        events = self.events if tenant_id == self.tenant_id else ()
        for event in sorted(events, key=lambda one: (one.occurred_at, one.key, one.id)):
            there = event.billable or event.billed
            if there and starts <= event.occurred_at < ends:
                yield {name: getattr(event, name) for name in ORDERED}

    def _invoiced(
        self, tenant_id: str, starts: datetime, ends: datetime, final: list[str]
    ) -> Iterator[Row]:
        for began, amount in self.invoices if tenant_id == self.tenant_id and final else ():
            if starts <= began < ends:
                yield {"amount": amount}

    def _event_amounts(self, **bounds: Any) -> Iterator[Row]:
        groups: dict[tuple[str | None, str | None], list[Event]] = {}
        for event in self._unbilled(**bounds):
            groups.setdefault((event.currency, event.finding_type), []).append(event)
        for (currency, finding_type), events in groups.items():
            scales = [event.scale for event in events if event.scale is not None]
            yield {
                "currency": currency,
                "finding_type": finding_type,
                "ids": [event.id for event in events],
                "amounts": "\n".join(event.amount for event in events),
                "event_count": len(events),
                "finite_count": len(scales),
                "claimed_count": sum(event.claimed for event in events),
                "lowest_scale": min(scales, default=None),
                "highest_scale": max(scales, default=None),
            }

    def _amounts(self, **bounds: Any) -> Iterator[Row]:
        for row in self._event_amounts(**bounds):
            del row["ids"]
            yield row

    def _repeated_keys(self, **bounds: Any) -> Iterator[Row]:
        keys = [event.key for event in self.events]
        repeated = sorted(
            {event.key for event in self._unbilled(**bounds) if event.key} & _twice(keys)
        )
        for key in repeated[:3]:
            yield {"key": key, "key_count": len(repeated)}

    def _billable_events(self, **bounds: Any) -> Iterator[Row]:
        twice = _twice([event.key for event in self.events if event.key])
        for event in sorted(self._unbilled(**bounds), key=lambda event: event.occurred_at):
            yield {
                "id": event.id,
                "key": event.key or None,
                "occurred_at": event.occurred_at,
                "currency": event.currency,
                "finding_type": event.finding_type,
                "amount": event.amount,
                "event_count": 1,
                "finite_count": int(event.scale is not None),
                "claimed_count": int(event.claimed),
                "repeated": event.key in twice,
            }

    def _name_events(
        self, currency: str | None, finding_type: str | None, **bounds: Any
    ) -> Iterator[Row]:
        for event in self._unbilled(**bounds):
            if (event.currency, event.finding_type) == (currency, finding_type):
                yield {"key": event.key or event.id}


def _twice(keys: list[str]) -> set[str]:
    return {key for key in keys if keys.count(key) > 1}
