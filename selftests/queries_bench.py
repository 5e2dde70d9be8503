"""Statements of the benchmark."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import aiosql
from psycopg import Connection
from psycopg.rows import dict_row


class BenchQueries(Protocol):
    """One method a named query of ``selftests/sql/bench.sql``."""

    def fill(self, connection: Connection[Any], *, tenant_id: UUID, event_count: int) -> int: ...

    def into_the_past(self, connection: Connection[Any]) -> str: ...

    def fill_tenants(self, connection: Connection[Any], *, tenant_count: int) -> int: ...

    def make_room_for_pgtap(self, connection: Connection[Any]) -> str: ...

    def flush(self, connection: Connection[Any]) -> int: ...

    def analyse(self, connection: Connection[Any]) -> int: ...

    def plain_sum(
        self, connection: Connection[Any], *, tenant_id: UUID, rate: Decimal
    ) -> dict[str, Any]: ...


bench: BenchQueries = aiosql.from_path(
    Path(__file__).parent / "sql" / "bench.sql", "psycopg", kwargs={"row_factory": dict_row}
)
