"""Rows for the tests of ``billing``: written and read by SQL, never through what is tested.

The statements are ``selftests/sql/billing.sql``; the protocol mirrors that file. :class:`Customer`
says in few words what most tests begin with.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import aiosql
from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]


class BillingTestQueries(Protocol):
    """One method a named query; what each does is said in the file."""

    def insert_tenant(self, connection: Connection[Any], *, tenant_id: UUID, slug: str) -> int: ...

    def set_tenant_status(
        self, connection: Connection[Any], *, tenant_id: UUID, status: str
    ) -> int: ...

    def insert_terms(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        finding_type: str | None,
        currency: str,
        rate: Decimal,
        valid_from: date,
        valid_to: date | None,
    ) -> int: ...

    def set_rate(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        finding_type: str | None,
        currency: str,
        valid_from: date,
        rate: Decimal,
    ) -> int: ...

    def delete_terms(self, connection: Connection[Any], *, tenant_id: UUID) -> int: ...

    def insert_event(
        self,
        connection: Connection[Any],
        *,
        event_id: UUID,
        tenant_id: UUID,
        category: str,
        amount: Decimal,
        currency: str,
        finding_type: str,
        billable: bool,
        occurred_at: datetime,
    ) -> int: ...

    def insert_many_events(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        amount: Decimal,
        finding_types: list[str],
        occurred_at: datetime,
        times: int,
    ) -> int: ...

    def set_amount(
        self, connection: Connection[Any], *, event_id: UUID, amount: Decimal
    ) -> int: ...

    def set_billable(
        self, connection: Connection[Any], *, event_id: UUID, billable: bool
    ) -> int: ...

    def set_finding_type(
        self, connection: Connection[Any], *, event_id: UUID, finding_type: str
    ) -> int: ...

    def set_occurred_at(
        self, connection: Connection[Any], *, event_id: UUID, occurred_at: datetime
    ) -> int: ...

    def set_event_id(self, connection: Connection[Any], *, event_id: UUID, new_id: UUID) -> int: ...

    def delete_event(self, connection: Connection[Any], *, event_id: UUID) -> int: ...

    def delete_events(self, connection: Connection[Any], *, tenant_id: UUID) -> int: ...

    def let_amounts_be_nan(self, connection: Connection[Any]) -> str: ...

    def insert_draft(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        period_start: datetime,
        period_end: datetime,
    ) -> int: ...

    def set_invoice_number(
        self, connection: Connection[Any], *, invoice_id: UUID, invoice_number: str
    ) -> int: ...

    def set_idempotency_key(
        self, connection: Connection[Any], *, invoice_id: UUID, idempotency_key: str
    ) -> int: ...

    def events(self, connection: Connection[Any], *, tenant_id: UUID) -> Iterable[Row]: ...

    def event_versions(self, connection: Connection[Any]) -> Iterable[Row]: ...

    def invoices(self, connection: Connection[Any], *, tenant_id: UUID) -> Iterable[Row]: ...

    def invoice_lines(self, connection: Connection[Any], *, invoice_id: UUID) -> Iterable[Row]: ...

    def all_rows(self, connection: Connection[Any]) -> Iterable[Row]: ...

    def tables(self, connection: Connection[Any]) -> Iterable[Row]: ...

    def objects(self, connection: Connection[Any]) -> Iterable[Row]: ...

    def migrations(self, connection: Connection[Any]) -> Iterable[Row]: ...

    def currencies(self, connection: Connection[Any]) -> Iterable[Row]: ...

    def set_time_zone(self, connection: Connection[Any], *, zone: str) -> str: ...

    def hold_tenant(self, connection: Connection[Any], *, tenant_id: UUID) -> UUID: ...

    def waiting(self, connection: Connection[Any]) -> int: ...

    def end_backend(self, connection: Connection[Any], *, pid: int) -> bool: ...


queries: BillingTestQueries = aiosql.from_path(
    Path(__file__).parent / "sql" / "billing.sql", "psycopg", kwargs={"row_factory": dict_row}
)


@dataclass(frozen=True)
class Customer:
    """A tenant, and the session through which its rows are written and read."""

    connection: Connection[Any]
    id: UUID

    @classmethod
    def new(cls, connection: Connection[Any], slug: str) -> "Customer":
        """Insert an active tenant with terms of 25 % in USD on everything since 2020."""
        customer = cls(connection, uuid4())
        queries.insert_tenant(connection, tenant_id=customer.id, slug=slug)
        customer.terms("0.25")
        return customer

    def terms(self, rate: str, currency: str = "USD", finding_type: str | None = None) -> None:
        """Agree on terms from 2020 on, without an end."""
        queries.insert_terms(
            self.connection,
            tenant_id=self.id,
            finding_type=finding_type,
            currency=currency,
            rate=Decimal(rate),
            valid_from=date(2020, 1, 1),
            valid_to=None,
        )

    def event(
        self,
        amount: str = "100",
        occurred_at: datetime = datetime(2026, 2, 14, 12, tzinfo=UTC),
        finding_type: str = "DUPLICATE_CHARGE",
        currency: str = "USD",
        category: str = "RECOVERED",
        *,
        billable: bool = True,
    ) -> UUID:
        """Record an event, by default one that February 2026 bills, and return its id."""
        event_id = uuid4()
        queries.insert_event(
            self.connection,
            event_id=event_id,
            tenant_id=self.id,
            category=category,
            amount=Decimal(amount),
            currency=currency,
            finding_type=finding_type,
            billable=billable,
            occurred_at=occurred_at,
        )
        return event_id

    def claimed(self) -> dict[UUID, UUID | None]:
        """Return for each of the tenant's events the invoice that bills it, if one does."""
        rows = queries.events(self.connection, tenant_id=self.id)
        return {row["id"]: row["invoice_id"] for row in rows}

    def invoices(self) -> list[Row]:
        """Return the tenant's invoices as stored, in the order of their issue, drafts last."""
        return list(queries.invoices(self.connection, tenant_id=self.id))


@dataclass(frozen=True)
class Everything:
    """Every row of every table of the application at one moment."""

    rows: Counter[tuple[str, UUID | None, str]]

    @classmethod
    def of(cls, connection: Connection[Any]) -> "Everything":
        """Read it all."""
        return cls(Counter(tuple(row.values()) for row in queries.all_rows(connection)))

    def belonging_to(self, tenant_id: UUID) -> "Everything":
        """Leave out what is not the tenant's."""
        return Everything(Counter({row: n for row, n in self.rows.items() if row[1] == tenant_id}))

    def tables(self) -> set[str]:
        """Return the names of the tables that have rows."""
        return {table for table, _, _ in self.rows}

    def difference(self, before: "Everything") -> str:
        """Say which rows are gone and which are new since ``before``; nothing if none is."""
        gone = [f"gone from {table}: {row}" for table, _, row in before.rows - self.rows]
        new = [f"new in {table}: {row}" for table, _, row in self.rows - before.rows]
        return "; ".join(gone + new)
