"""The API's connections: a pool of named sessions, and transactions whose waits are bounded.

What a transaction needs is set for that transaction alone, and no statement is prepared: behind a
pooler the session may be another's the next moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, IsolationLevel
from psycopg_pool import ConnectionPool

from billing.queries import queries


@dataclass(frozen=True)
class Waits:
    """How long a call may wait. The first three are PostgreSQL settings, with their units."""

    statement: str = "120s"
    lock: str = "5s"
    idle: str = "60s"
    connection_seconds: float = 5.0


class Pool(ConnectionPool[Connection[Any]]):
    """Connects as ``billing-api`` once it is opened; its transactions wait no longer than so."""

    def __init__(self, conninfo: str, waits: Waits, max_size: int) -> None:
        self.waits = waits
        super().__init__(
            conninfo,
            kwargs={
                "application_name": "billing-api",
                "client_encoding": "UTF8",
                "prepare_threshold": None,
            },
            open=False,
            min_size=2,
            max_size=max_size,
            timeout=waits.connection_seconds,
            # A server that was restarted costs a new connection, not a failed request.
            check=ConnectionPool.check_connection,
            name="billing-api",
        )


def make_pool(conninfo: str, waits: Waits | None = None, max_size: int = 16) -> Pool:
    """Return a closed pool, of never more than ``max_size`` connections."""
    return Pool(conninfo, waits or Waits(), max_size)


@contextmanager
def writing(pool: Pool) -> Iterator[Connection[Any]]:
    """One transaction, committed at the end, rolled back on any error.

    It is READ COMMITTED whatever the server's default: who waited for a lock sees what the holder
    wrote, and is refused by the rule that then holds.
    """
    with _transaction(pool, IsolationLevel.READ_COMMITTED) as connection:
        yield connection


@contextmanager
def reading(pool: Pool) -> Iterator[Connection[Any]]:
    """One snapshot in which the server refuses to write."""
    with _transaction(pool, IsolationLevel.REPEATABLE_READ, read_only=True) as connection:
        yield connection


@contextmanager
def _transaction(
    pool: Pool, isolation: IsolationLevel, *, read_only: bool | None = None
) -> Iterator[Connection[Any]]:
    with pool.connection() as connection:
        connection.isolation_level, connection.read_only = isolation, read_only
        with connection.transaction():
            queries.prepare_transaction(
                connection,
                statement_timeout=pool.waits.statement,
                lock_timeout=pool.waits.lock,
                idle_timeout=pool.waits.idle,
            )
            yield connection
