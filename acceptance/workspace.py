"""Where one tenant is judged: connections, traces, the books and, in process, one transaction."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection

from acceptance.traces import Traces
from fixtures.books import AddedRow, Books, Comparison, Difference, added_rows
from fixtures.database import Moment, lock_tenant, snapshot
from fixtures.interrupts import uninterrupted
from fixtures.queries import Row, queries
from fixtures.residue import find_residue
from fixtures.target import Target
from platforms.obstacles import NOT_PERMITTED, Aborted
from platforms.port import Invoice, Platform, Refusal, attempt, attempt_at_once

ATTEMPTS = 5

T = TypeVar("T")


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
    ``swept`` names what a dead run had left and this one took away. ``withdrawn`` are the rows of
    a cancelled draft that the platform keeps on record.
    """

    target: Target
    tenant_id: UUID
    connection: Connection[Any]
    platform: Platform
    books: Books
    traces: Traces
    swept: tuple[str, ...]
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

    def known_events(self) -> Row | None:
        """Which events the period has now, boiled down, where others can arrive meanwhile."""
        if self.platform.shares_transaction:
            return None
        period = self.target.period
        return queries.known_events(
            self.connection,
            tenant_id=self.tenant_id,
            period_start=period.start,
            period_end=period.end,
        )

    def while_quiet(self, act: Callable[[int], T]) -> T:
        """Return what an act saw between two equal looks at the period's events.

        Where one arrived meanwhile it is acted again, and told for which time. Raises
        :class:`~platforms.obstacles.Aborted` if it never gets quiet.
        """
        for number in range(1, ATTEMPTS + 1):
            before = self.known_events()
            seen = act(number)
            if self.known_events() == before:
                return seen
        raise Aborted(
            f"billable events kept arriving while the period was judged, {ATTEMPTS} times over: "
            f"choose a period that has ended, or run again"
        )

    def generate_draft(self, purpose: str) -> tuple[str, Invoice | Refusal]:
        """Ask the platform for a draft, and record what it answers; return the key and that.

        An answer that names somebody else's invoice is refused: it must never be cancelled or paid.
        """
        key = self.traces.key(purpose)
        with uninterrupted():
            return key, self._recorded(key, attempt(self._generating(key)))

    def generate_rival_drafts(self, *purposes: str) -> list[Invoice | Refusal]:
        """Ask for several drafts at the same moment, under a key each, and record the answers."""
        keys = [self.traces.key(purpose) for purpose in purposes]
        with uninterrupted():
            answers = attempt_at_once(*map(self._generating, keys))
            return [self._recorded(key, draft) for key, draft in zip(keys, answers, strict=True)]

    def _generating(self, key: str) -> Callable[[], Invoice]:
        return partial(self.platform.generate_draft, self.tenant_id, self.target.period, key)

    def _recorded(self, key: str, draft: Invoice | Refusal) -> Invoice | Refusal:
        if isinstance(draft, Invoice) and self._is_anothers(draft, key):
            why = f"the answer names {draft.number}, which was not made for this request"
            draft = Refusal("platform_error", why)
        if isinstance(draft, Invoice):
            self.traces.answered(key, draft)
        elif not draft.lost:
            self.traces.refused(key)
        return draft

    def _is_anothers(self, draft: Invoice, key: str) -> bool:
        origin = queries.invoice_origin(self.connection, invoice_id=draft.id)
        if draft.id in self.traces.known or origin is None:
            return origin is not None
        return origin["tenant_id"] != self.tenant_id or origin["idempotency_key"] not in (None, key)

    def invoices_of_others(self) -> Row | None:
        """Other tenants' invoices, boiled down; None where they may change them meanwhile."""
        if not self.platform.shares_transaction:
            return None
        return queries.invoices_of_others(self.connection, tenant_id=self.tenant_id)

    def other_numbers(self, invoice: Invoice) -> frozenset[str]:
        """What the tenant's other invoices are called: no two may share a number."""
        rows = queries.other_numbers(
            self.connection, tenant_id=self.tenant_id, invoice_id=invoice.id
        )
        return frozenset(row["invoice_number"] for row in rows)

    def remove_traces(self) -> int:
        """Delete what the run put there, in one go; return how many seeds that were."""
        with uninterrupted():
            return self.traces.remove(self.connection)

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
            own = added_rows(self.connection, map(UUID, self.traces.seeds), self.traces.ids)
        return comparison, tuple(row for row in own if row not in lasting)


@contextmanager
def open_workspace(
    conninfo: str,
    target: Target,
    tenant_id: UUID,
    make_platform: Callable[[Connection[Any]], Platform],
) -> Iterator[Workspace]:
    """Lock the tenant, sweep what a dead run left, and take the books.

    In process, the transaction begins that is rolled back in the end. The witness
    is a second session that keeps on seeing the rows as they are now.
    """
    with target.session(conninfo) as witness, target.session(conninfo) as connection:
        lock_tenant(witness, tenant_id, target.lock_timeout)
        swept = () if target.read_only else _sweep(connection, tenant_id)
        known = frozenset(row["id"] for row in queries.invoice_ids(connection, tenant_id=tenant_id))
        traces = Traces(tenant_id, target.run, known)
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
            workspace = Workspace(
                target, tenant_id, connection, platform, books, traces, swept, moment, stack
            )
            if not platform.shares_transaction:
                stack.callback(workspace.remove_traces)
            yield workspace


def _sweep(connection: Connection[Any], tenant_id: UUID) -> tuple[str, ...]:
    """Take away what dead runs left; where that is not allowed, X4 will name it."""
    swept: list[str] = []
    for residue in find_residue(connection, [tenant_id]):
        with uninterrupted(), suppress(*NOT_PERMITTED):
            residue.remove(connection)
            swept += residue.names
    return tuple(swept)
