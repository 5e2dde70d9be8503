"""Where one tenant is judged: connections, traces, the books and, in process, one transaction."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection

from acceptance.traces import Traces
from fixtures.books import AddedRow, Books, Comparison, Difference, added_rows
from fixtures.database import Moment, lock_tenant, snapshot
from fixtures.platform import Platform
from fixtures.queries import queries
from fixtures.target import Target


@dataclass(frozen=True)
class KeptDraft:
    """A draft that was asked to stay, and its rows."""

    number: str
    rows: tuple[AddedRow, ...]


@dataclass
class Workspace:
    """Everything an act needs.

    A platform in process shares ``connection``, whose one transaction is rolled back in the end.
    For any other, what the gate writes is committed, and removed again as its traces tell.
    ``withdrawn`` are the rows of a cancelled draft that the platform keeps on record.
    """

    target: Target
    tenant_id: UUID
    connection: Connection[Any]
    platform: Platform
    books: Books
    traces: Traces
    _moment: Moment | None
    _stack: ExitStack = field(repr=False)
    kept: KeptDraft | None = None
    withdrawn: tuple[AddedRow, ...] = ()

    def close(self) -> None:
        """Undo everything the run did but for a draft that it keeps; later calls do nothing."""
        self._stack.close()

    def keep(self, draft: KeptDraft) -> None:
        """Let a draft stay when everything else is undone."""
        self.kept = draft
        if self._moment is not None:
            self._moment.keep = True

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one moment, while the server itself refuses to write."""
        if self.platform.shares_transaction:
            with self.connection.transaction():
                queries.forbid_writing(self.connection)
                yield
        else:
            with snapshot(self.connection, read_only=True):
                yield

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo the block afterwards, where the platform shares the transaction."""
        if self.platform.shares_transaction:
            with self.connection.transaction(force_rollback=True):
                yield
        else:
            yield

    def differences(self, added: Iterable[AddedRow] = ()) -> tuple[Difference, ...]:
        """Name the rows that are not as before, but for the ``added`` ones."""
        added = (*added, *self.withdrawn)
        differences = self.books.compare(self.connection, added).differences
        if self.platform.shares_transaction:
            return differences
        return tuple(row for row in differences if not row.arrived_meanwhile)

    def look_again(self) -> tuple[Comparison, tuple[AddedRow, ...]]:
        """Compare the books, and find the run's own rows, once everything is undone."""
        lasting = self.kept.rows if self.kept else ()
        if not self.platform.shares_transaction:
            lasting += self.withdrawn
        with snapshot(self.connection, read_only=True):
            comparison = self.books.compare(self.connection, lasting)
            own = added_rows(self.connection, self.traces.seeds, self.traces.invoices)
        return comparison, tuple(row for row in own if row not in lasting)


@contextmanager
def open_workspace(
    conninfo: str,
    target: Target,
    tenant_id: UUID,
    make_platform: Callable[[Connection[Any]], Platform],
) -> Iterator[Workspace]:
    """Lock the tenant and take its books; in process, begin the transaction.

    The witness is a second session that keeps on seeing the rows as they are now.
    """
    with target.session(conninfo) as witness, target.session(conninfo) as connection:
        lock_tenant(witness, tenant_id, target.lock_timeout)
        traces = Traces(connection, tenant_id, target.run)
        with (
            closing(make_platform(connection)) as platform,
            snapshot(witness, read_only=True),
            ExitStack() as stack,
        ):
            if platform.shares_transaction:
                moment = stack.enter_context(snapshot(connection, read_only=target.read_only))
                books = Books(connection, witness, tenant_id)
            else:
                moment = None
                books = Books(witness, witness, tenant_id)
                stack.callback(traces.remove)
            yield Workspace(target, tenant_id, connection, platform, books, traces, moment, stack)
