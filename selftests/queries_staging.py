"""Statements that prepare a staging database for the gate, and faults to build into it."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import aiosql
from psycopg import Connection
from psycopg.rows import dict_row


class StagingQueries(Protocol):
    """One method a named query of ``selftests/sql/staging.sql``."""

    def insert_event(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID | str,
        key: str,
        amount: Decimal,
        currency: str,
        finding_type: str,
        occurred_at: datetime,
    ) -> int: ...

    def record_again(self, connection: Connection[Any], *, key: str, again: str) -> int: ...

    def claim(self, connection: Connection[Any], *, key: str, invoice_id: str) -> int: ...

    def insert_invoice(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID | str,
        number: str,
        status: str | None,
        period_start: date | str | None,
        period_end: date | str | None,
    ) -> int: ...

    def set_invoices(
        self, connection: Connection[Any], *, tenant_id: UUID | str, status: str
    ) -> int: ...

    def let_invoices_be_anything(self, connection: Connection[Any]) -> str: ...

    def events_at_no_instant(self, connection: Connection[Any]) -> int: ...

    def set_status(
        self, connection: Connection[Any], *, tenant_id: UUID | str, status: str
    ) -> int: ...

    def rename(self, connection: Connection[Any], *, tenant_id: UUID | str, name: str) -> int: ...

    def end_terms(
        self, connection: Connection[Any], *, tenant_id: UUID | str, day: date
    ) -> int: ...

    def hold_tenant(self, connection: Connection[Any], *, tenant_id: UUID | str) -> UUID: ...

    def hold_events(self, connection: Connection[Any]) -> str: ...

    def waiting(self, connection: Connection[Any], *, application_name: str) -> int: ...

    def create_operator(self, connection: Connection[Any], *, password: str) -> int: ...

    def reload_rules(self, connection: Connection[Any]) -> bool: ...

    def gates_sessions(self, connection: Connection[Any]) -> int: ...

    def end_api_sessions(self, connection: Connection[Any]) -> int: ...

    def end_gate_sessions(self, connection: Connection[Any]) -> int: ...

    def end_session(self, connection: Connection[Any], *, pid: int) -> str: ...

    def written(self, connection: Connection[Any]) -> str: ...

    def has_replayed(self, connection: Connection[Any], *, written: str) -> bool: ...

    def left_with_strangers(self, connection: Connection[Any]) -> dict[str, Any]: ...

    def settle_otherwise(self, connection: Connection[Any]) -> str: ...

    def allow_connections(self, connection: Connection[Any], *, allowed: bool) -> int: ...

    def session_settings(self, connection: Connection[Any]) -> dict[str, str]: ...

    def create_users(self, connection: Connection[Any]) -> str: ...

    def grants(self, connection: Connection[Any], *, role: str) -> Iterable[dict[str, str]]: ...

    def shadow_the_catalog(self, connection: Connection[Any]) -> str: ...

    def drop_schema(self, connection: Connection[Any]) -> str: ...

    def all_rows(self, connection: Connection[Any]) -> Iterable[dict[str, str]]: ...

    def tenants_tried(self, connection: Connection[Any]) -> int: ...


staging: StagingQueries = aiosql.from_path(
    Path(__file__).parent / "sql" / "staging.sql", "psycopg", kwargs={"row_factory": dict_row}
)
