"""Where one tenant is judged: a connection, a transaction that sees one moment, and the books."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection

from fixtures.books import Books
from fixtures.database import Moment, lock_tenant, snapshot
from fixtures.platform import Platform
from fixtures.target import Target


@dataclass(frozen=True)
class Workspace:
    """Everything an act needs. :meth:`close` ends the transaction; later calls do nothing."""

    target: Target
    tenant_id: UUID
    connection: Connection[Any]
    platform: Platform
    books: Books
    moment: Moment
    _stack: ExitStack = field(repr=False)

    def close(self) -> None:
        """Roll back everything the run did, or commit the one draft it was asked to keep."""
        self._stack.close()


@contextmanager
def open_workspace(
    conninfo: str,
    target: Target,
    tenant_id: UUID,
    make_platform: Callable[[Connection[Any]], Platform],
) -> Iterator[Workspace]:
    """Lock the tenant, begin the transaction, and take the books in it.

    The witness is a second session that keeps on seeing the rows as they are now.
    """
    with target.session(conninfo) as witness, target.session(conninfo) as connection:
        lock_tenant(witness, tenant_id, target.lock_timeout)
        with snapshot(witness, read_only=True), ExitStack() as stack:
            moment = stack.enter_context(snapshot(connection, read_only=target.read_only))
            books = Books(connection, witness, tenant_id)
            platform = make_platform(connection)
            yield Workspace(target, tenant_id, connection, platform, books, moment, stack)
