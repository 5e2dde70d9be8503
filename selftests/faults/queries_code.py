"""Statements by which platforms in process do wrong."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import aiosql
from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]
STATEMENTS = Path(__file__).parents[1] / "sql" / "faults_code.sql"


class CodeQueries(Protocol):
    """One method a named query of ``selftests/sql/faults_code.sql``."""

    def unbilled_events(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID,
        period_start: datetime,
        period_end: datetime,
    ) -> Iterable[Row]: ...

    def claimed_events(self, connection: Connection[Any], *, invoice_id: UUID) -> Iterable[Row]: ...

    def owner(self, connection: Connection[Any], *, invoice_id: str) -> str: ...

    def invoices_of(
        self, connection: Connection[Any], *, tenant_id: str, status: str
    ) -> Iterable[Row]: ...

    def drafts_of_others(self, connection: Connection[Any], *, tenant_id: str) -> Iterable[Row]: ...

    def release(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def alter_what_was_billed(
        self, connection: Connection[Any], *, tenant_id: str, invoice_id: str, seconds: int
    ) -> int: ...

    def release_one(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def claim_of_others(
        self, connection: Connection[Any], *, invoice_id: str, tenant_id: str
    ) -> int: ...

    def set_number(
        self, connection: Connection[Any], *, invoice_id: str, invoice_number: str
    ) -> int: ...

    def date_back(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def back_to_draft(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def back_to_issued(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def take_the_lock(self, connection: Connection[Any]) -> int: ...

    def mark_as_looked_at(self, connection: Connection[Any], *, tenant_id: str) -> int: ...


code: CodeQueries = aiosql.from_path(STATEMENTS, "psycopg", kwargs={"row_factory": dict_row})
