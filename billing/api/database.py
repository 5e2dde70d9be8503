"""The API's connections: a pool whose every session has a name and bounded waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, IsolationLevel
from psycopg_pool import ConnectionPool

from billing.queries import queries

Pool = ConnectionPool[Connection[Any]]


@dataclass(frozen=True)
class Waits:
    """How long a call may wait. The first three are PostgreSQL settings, with their units."""

    statement: str = "120s"
    lock: str = "5s"
    idle: str = "60s"
    connection_seconds: float = 5.0


def make_pool(conninfo: str, waits: Waits | None = None, max_size: int = 16) -> Pool:
    """Return a closed pool; opened, it connects as ``billing-api`` and never more than max_size."""
    waits = waits or Waits()

    def prepare(connection: Connection[Any]) -> None:
        queries.prepare_session(
            connection,
            application_name="billing-api",
            statement_timeout=waits.statement,
            lock_timeout=waits.lock,
            idle_timeout=waits.idle,
        )
        connection.commit()

    return ConnectionPool(
        conninfo,
        open=False,
        min_size=2,
        max_size=max_size,
        timeout=waits.connection_seconds,
        configure=prepare,
        # A server that was restarted costs a new connection, not a failed request.
        check=ConnectionPool.check_connection,
        name="billing-api",
    )


@contextmanager
def writing(pool: Pool) -> Iterator[Connection[Any]]:
    """One transaction, committed at the end, rolled back on any error."""
    with pool.connection() as connection, connection.transaction():
        yield connection


@contextmanager
def reading(pool: Pool) -> Iterator[Connection[Any]]:
    """One snapshot in which the server refuses to write."""
    with pool.connection() as connection:
        connection.read_only, connection.isolation_level = True, IsolationLevel.REPEATABLE_READ
        try:
            with connection.transaction():
                yield connection
        finally:
            if not connection.closed:
                connection.read_only = connection.isolation_level = None
