"""The platform's statements, loaded from ``sql/billing`` behind types.

The protocol mirrors the files: a row is a mapping of column to value, keywords are the parameters.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import aiosql
from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]
SQL_FOLDER = Path(__file__).parents[1] / "sql"


class BillingQueries(Protocol):
    """One method a named query of ``sql/billing``."""

    def price_unbilled(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        period_start: datetime,
        period_end: datetime,
    ) -> Iterable[Row]: ...

    def price_agreed(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        period_start: datetime,
        period_end: datetime,
        invoice_id: UUID | None,
    ) -> Iterable[Row]: ...

    def agreement(self, connection: Connection[Any], *, tenant_id: UUID) -> Row | None: ...

    def invoiced_this_year(
        self, connection: Connection[Any], *, tenant_id: UUID, period_start: datetime
    ) -> Decimal: ...

    def rounded_total(
        self, connection: Connection[Any], *, tenant_id: UUID, currency: str, fees: Decimal
    ) -> Decimal: ...

    def brought_forward(
        self, connection: Connection[Any], *, tenant_id: UUID, period_start: datetime
    ) -> Decimal: ...

    def price_claimed(self, connection: Connection[Any], *, invoice_id: UUID) -> Iterable[Row]: ...

    def tenant_status(self, connection: Connection[Any], *, tenant_id: UUID) -> str | None: ...

    def lock_tenant(self, connection: Connection[Any], *, tenant_id: UUID) -> UUID | None: ...

    def overlapping_invoice(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        period_start: datetime,
        period_end: datetime,
    ) -> Row | None: ...

    def lock_idempotency_key(
        self, connection: Connection[Any], *, idempotency_key: str
    ) -> None: ...

    def made_with_key(self, connection: Connection[Any], *, idempotency_key: str) -> Row | None: ...

    def insert_draft(
        self,
        connection: Connection[Any],
        *,
        invoice_id: UUID,
        tenant_id: UUID,
        invoice_number: str,
        currency: str,
        period_start: datetime,
        period_end: datetime,
        event_count: int,
        recovered_amount: Decimal,
        gain_share_amount: Decimal,
        brought_forward: Decimal,
        carried_forward: Decimal,
        events_digest: Decimal,
        idempotency_key: str | None,
    ) -> int: ...

    def insert_lines(
        self,
        connection: Connection[Any],
        *,
        invoice_id: UUID,
        finding_types: list[str],
        rates: list[Decimal],
        event_counts: list[int],
        recovered_amounts: list[Decimal],
        gain_share_amounts: list[Decimal],
    ) -> int: ...

    def find_invoice(
        self, connection: Connection[Any], *, invoice_id: UUID, tenant_id: UUID
    ) -> Row | None: ...

    def lock_invoice(
        self, connection: Connection[Any], *, invoice_id: UUID, tenant_id: UUID
    ) -> UUID | None: ...

    def invoice_lines(self, connection: Connection[Any], *, invoice_id: UUID) -> Iterable[Row]: ...

    def delete_lines(self, connection: Connection[Any], *, invoice_id: UUID) -> int: ...

    def delete_draft(
        self, connection: Connection[Any], *, invoice_id: UUID, tenant_id: UUID
    ) -> int: ...

    def claim_events(
        self,
        connection: Connection[Any],
        *,
        invoice_id: UUID,
        tenant_id: UUID,
        period_start: datetime,
        period_end: datetime,
        billed_at: datetime,
    ) -> int: ...

    def last_final_number(self, connection: Connection[Any], *, tenant_id: UUID) -> int: ...

    def clock(self, connection: Connection[Any]) -> datetime: ...

    def mark_issued(
        self,
        connection: Connection[Any],
        *,
        invoice_id: UUID,
        invoice_number: str,
        issued_at: datetime,
    ) -> int: ...

    def mark_paid(self, connection: Connection[Any], *, invoice_id: UUID) -> int: ...

    def minor_digits(self, connection: Connection[Any], *, currency: str) -> int: ...

    def prepare_transaction(
        self,
        connection: Connection[Any],
        *,
        statement_timeout: str,
        lock_timeout: str,
        idle_timeout: str,
    ) -> Row: ...

    def answers(self, connection: Connection[Any]) -> int: ...

    def is_prepared(self, connection: Connection[Any]) -> bool: ...

    def lock_migrations(self, connection: Connection[Any]) -> None: ...

    def create_record(self, connection: Connection[Any]) -> str: ...

    def has_record(self, connection: Connection[Any]) -> bool: ...

    def applied(self, connection: Connection[Any]) -> Iterable[Row]: ...

    def record(self, connection: Connection[Any], *, name: str, sha256: str) -> int: ...


queries: BillingQueries = aiosql.from_path(
    SQL_FOLDER / "billing", "psycopg", kwargs={"row_factory": dict_row}
)
