"""Faults: platforms in process that are wrong in exactly one way."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from billing import agreements, invoices
from billing.queries import queries
from oracle.money import minor_digits
from platforms.description import Described
from platforms.port import AdminApi, Platform
from platforms.reference.adapter import Adapter
from selftests.faults.queries_code import Row, code

Hook = Callable[[Described, Connection[Any], AdminApi | None], Platform]


def offering(make: Callable[[Described, Connection[Any]], Platform]) -> Hook:
    """Return the hook by which a module offers its platform to the gate."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_p9a_platform(
        described: Described, connection: Connection[Any], api: AdminApi | None
    ) -> Platform:
        return make(described, connection)

    return pytest_p9a_platform


class Reference(Adapter):
    """The platform, right as it is, with what faults need to go wrong."""

    def owner(self, invoice_id: str) -> str:
        """Return whose an invoice is; nobody's, if it is not there."""
        return code.owner(self._connection, invoice_id=invoice_id) or str(UUID(int=0))


class Asking:
    """The platform's statements; a subclass gives one of them another meaning."""

    def __getattr__(self, name: str) -> Any:
        return getattr(queries, name)

    def ask(self) -> None:
        """Have the platform ask these, to the end of the process."""
        for module in (agreements, invoices):
            pytest.MonkeyPatch().setattr(module, "queries", self)


class Repricing(Adapter):
    """Works bills out in Python wherever the platform asks its view; a subclass says how."""

    def __init__(self, described: Described, connection: Connection[Any]) -> None:
        super().__init__(described, connection)
        _Priced(self.price).ask()

    def price(self, events: Iterable[Row]) -> list[Row]:
        """Return the lines that the events make."""
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for event in events:
            groups[event["currency"], event["finding_type"], event["rate"]].append(event)
        return [
            {
                "currency": currency,
                "finding_type": finding_type,
                "rate": rate,
                "event_count": len(members),
                "recovered_amount": self.recovered(members),
                "gain_share_amount": None if rate is None else self.line(members),
                "events_digest": sum(event["events_digest"] for event in members),
            }
            for (currency, finding_type, rate), members in groups.items()
        ]

    def recovered(self, events: list[Row]) -> Decimal:
        """Return what a line recovered."""
        return sum((event["amount"] for event in events), Decimal())

    def line(self, events: list[Row]) -> Decimal:
        """Return what a line bills."""
        return sum((self.fee(event) for event in events), Decimal())

    def fee(self, event: Row) -> Decimal:
        """Return what an event costs."""
        return rounded(event["amount"] * event["rate"], event["currency"])


class _Priced(Asking):
    def __init__(self, price: Callable[[Iterable[Row]], list[Row]]) -> None:
        self._price = price

    def price_unbilled(self, connection: Connection[Any], **period: Any) -> list[Row]:
        return self._price(code.unbilled_events(connection, **period))

    def price_claimed(self, connection: Connection[Any], *, invoice_id: UUID) -> list[Row]:
        return self._price(code.claimed_events(connection, invoice_id=invoice_id))


def rounded(amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Round to the currency's minor unit; away from zero at a half if not told otherwise."""
    return amount.quantize(Decimal(1).scaleb(-digits_of(currency)), rounding)


def digits_of(currency: str) -> int:
    """Return how many digits the currency's minor unit has."""
    return minor_digits(currency) or 0
