"""A period that is priced piece by piece is worth what its events are worth one by one.

Goal: between two changes of terms a finding type has one rate, and nothing is lost or hidden where
one piece ends and the next begins. Method: events around every change, of kinds and currencies with
and without terms, priced by the platform, and again by its view of each event.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from billing.queries import Row
from billing.queries import queries as platform
from platforms.statements import Tables
from selftests.queries_billing import queries
from selftests.reference import PRICES

FEBRUARY, MIDDLE, ENDING, LATE, MARCH = (
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in ((2, 1), (2, 10), (2, 15), (2, 20), (3, 1))
)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
PERIODS = (
    (FEBRUARY, MARCH),
    (MIDDLE, LATE),
    (NOON, MARCH),
    (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)),
)
KINDS = ("ADDRESS_CORRECTION", "DUPLICATE_CHARGE", "LATE FEE")
CURRENCIES = ("USD", "JPY", "KWD", "nowhere's")


@dataclass(frozen=True)
class Term:
    """Terms of one scope; all kinds where none is named."""

    rate: str
    begins: datetime
    ends: datetime | None = None
    kind: str | None = None
    currency: str = "USD"


CHANGING = (
    Term("0.25", FEBRUARY, LATE),
    Term("0.125", LATE, None),
    Term("0.333333", FEBRUARY, ENDING, "DUPLICATE_CHARGE"),
    Term("0.25", LATE, MARCH, "DUPLICATE_CHARGE"),
    Term("0.1", MIDDLE, None, "LATE FEE", "JPY"),
    Term("0.225", MARCH, None, None, "KWD"),
    Term("0", MIDDLE, LATE, "ADDRESS_CORRECTION", "KWD"),
)
TERMS = {
    "none": (),
    "one for all": (Term("0.25", datetime(2025, 1, 1, tzinfo=UTC)),),
    "changing": CHANGING,
    "together": (
        *CHANGING,
        Term("0.25", MIDDLE, MARCH),
        Term("0.5", FEBRUARY, LATE, "DUPLICATE_CHARGE"),
    ),
}


@pytest.fixture
def tenants(clone: Connection[Any]) -> dict[str, UUID]:
    """A tenant for each of the terms, all with the same events; one amount of each is no number."""
    tables = Tables(clone, PRICES)
    tables.act("let_terms_overlap")
    tenants = {name: uuid4() for name in TERMS}
    for name, tenant_id in tenants.items():
        queries.insert_tenant(clone, tenant_id=tenant_id, slug=name)
        for term in TERMS[name]:
            queries.insert_terms(
                clone,
                tenant_id=tenant_id,
                finding_type=term.kind,
                currency=term.currency,
                rate=Decimal(term.rate),
                valid_from=term.begins.date(),
                valid_to=term.ends and term.ends.date(),
            )
    tables.act(
        "events_around",
        tenant_ids=[*tenants.values()],
        instants=[FEBRUARY, MIDDLE, ENDING, LATE, MARCH],
        currencies=list(CURRENCIES),
        finding_types=list(KINDS),
    )
    for tenant_id in tenants.values():
        tables.act("no_number", tenant_id=tenant_id)
    return tenants


def priced(connection: Connection[Any], tenant_id: UUID) -> list[list[Row]]:
    """Ask the platform for the tenant's bills."""
    return [
        [
            {name: str(value) for name, value in row.items()}
            for row in platform.price_unbilled(
                connection, tenant_id=tenant_id, period_start=start, period_end=end
            )
        ]
        for start, end in PERIODS
    ]


def test_pieces_are_worth_what_their_events_are_worth(
    clone: Connection[Any], tenants: dict[str, UUID]
) -> None:
    by_piece = {name: priced(clone, tenant_id) for name, tenant_id in tenants.items()}
    Tables(clone, PRICES).act("price_by_event")
    by_event = {name: priced(clone, tenant_id) for name, tenant_id in tenants.items()}
    for name in TERMS:
        assert by_piece[name] == by_event[name], name
    assert [len(bill) for bill in by_piece["changing"]] == [17, 13, 15, 22, 0]


def test_terms_that_overlap_all_count(clone: Connection[Any], tenants: dict[str, UUID]) -> None:
    once, twice = (
        sum(int(line["event_count"]) for line in priced(clone, tenants[name])[0])
        for name in ("changing", "together")
    )
    assert twice > once
