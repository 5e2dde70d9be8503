"""Statements that furnish the tenants of the catalogue."""

from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import aiosql
from psycopg import Connection


class FaultQueries(Protocol):
    """One method a named query of ``selftests/sql/faults.sql``."""

    def add_what_is_not_billed(self, connection: Connection[Any], *, tenant_id: UUID) -> int: ...

    def make_events_organic(self, connection: Connection[Any]) -> int: ...

    def add_what_was_billed(self, connection: Connection[Any], *, tenant_id: UUID) -> int: ...

    def set_validity(
        self, connection: Connection[Any], *, tenant_id: UUID, valid_from: str, valid_to: str
    ) -> int: ...


faults: FaultQueries = aiosql.from_path(Path(__file__).parents[1] / "sql" / "faults.sql", "psycopg")
