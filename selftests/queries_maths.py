"""What only the self-tests of the maths ask of a scratch database, from ``selftests/sql``.

The protocol mirrors the file: each statement lasts as long as the transaction that it is in.
"""

from pathlib import Path
from typing import Any, Protocol

import aiosql
from psycopg import Connection


class MathsQueries(Protocol):
    """One method a named query of ``selftests/sql/maths.sql``."""

    def set_time_zone(self, connection: Connection[Any], *, zone: str) -> str:
        """Put the session into a time zone."""

    def allow_nan(self, connection: Connection[Any]) -> str:
        """Let amounts be NaN."""

    def allow_any_number(self, connection: Connection[Any]) -> str:
        """Let amounts be any number that PostgreSQL knows; the platform cannot price them then."""

    def tenant_number(self, connection: Connection[Any]) -> int:
        """Count the tenants."""

    def draft_number(self, connection: Connection[Any]) -> int:
        """Count the drafts."""

    def lock_timeout(self, connection: Connection[Any], *, patience: str) -> str:
        """Have the session wait so long for others, and no longer."""


maths_queries: MathsQueries = aiosql.from_path(
    Path(__file__).parent / "sql" / "maths.sql", "psycopg"
)
