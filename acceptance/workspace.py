"""Where one tenant is judged: sessions, what the run makes, and the books."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import Connection

from acceptance.expecting import Oracle
from acceptance.made import Made
from acceptance.rehearsal import Rehearsal
from fixtures.anywhere import Anywhere, Ids
from fixtures.books import AddedRow, Books, Difference
from fixtures.database import Moment, reachable, snapshot
from fixtures.lock import TenantLock
from fixtures.taken import Stored
from fixtures.target import Target
from fixtures.watching import Watch
from oracle.bill import Facts
from oracle.contract import Contract
from oracle.period import Period
from platforms.constraints import check_as_a_commit_does
from platforms.description import Description
from platforms.port import Invoice, Platform
from platforms.relations.composing import Relations
from platforms.statements import Row, Tables
from runbook.lacks import Lack
from runbook.refusals import Rule


@dataclass(frozen=True)
class KeptDraft:
    """A draft that was asked to stay, and its rows."""

    number: str
    rows: tuple[AddedRow, ...]


@dataclass
class Workspace:
    """Everything an act needs.

    A platform in process shares the connection of ``tables``, whose one transaction is rolled back
    in the end. For any other, what the gate writes is committed, and removed again as ``made``
    tells. ``swept`` names what a dead run had left and this one took away, ``planted_by`` the
    transactions that had planted its seeds; ``left`` names what it did not take away, for it
    ``writes`` nothing. ``began`` is the first transaction that is younger than the run.
    ``withdrawn`` are the rows of a cancelled draft that the platform keeps on record. ``watch``
    knows when the platform was called, ``meanwhile`` which rows others changed in what nobody
    judges.
    """

    target: Target
    tenant_id: str
    relations: Relations
    tables: Tables
    platform: Platform
    books: Books
    made: Made
    swept: tuple[str, ...]
    left: tuple[str, ...]
    writes: bool
    began: str
    lock: TenantLock
    watch: Watch
    anywhere: Anywhere
    stored: Stored
    _moment: Moment | None
    _stack: ExitStack = field(repr=False)
    numbers: set[str] = field(default_factory=set)
    kept: KeptDraft | None = None
    withdrawn: tuple[AddedRow, ...] = ()
    meanwhile: tuple[Difference, ...] = ()
    planted_by: frozenset[int] = frozenset()

    @property
    def connection(self) -> Connection[Any]:
        """The connection that acts."""
        return self.tables.connection

    @property
    def description(self) -> Description:
        """How the platform is described."""
        return self.relations.described.description

    @property
    def contract(self) -> Contract | None:
        """What was signed with the tenant, if it was given."""
        return self.target.agreements.contracts.get(self.tenant_id)

    @property
    def may_plant(self) -> bool:
        """Whether what is planted is for what was selected, or undone by itself."""
        return self.writes or self.platform.shares_transaction or self.target.rehearsal

    @property
    def told(self) -> frozenset[Facts]:
        """The facts of a bill that are told: by the answer, the tables and the preview."""
        told = {self.description.answered, self.relations.stored}
        return frozenset(told if self.lacks(Lack.PREVIEW) else {*told, self.description.previewed})

    def lacks(self, what: Lack | Rule) -> bool:
        """Tell whether the platform has not got something, as it declares."""
        return what in self.description.lacks

    def close(self) -> None:
        """Undo everything the run did but for a draft that it keeps; later calls do nothing."""
        self._stack.close()

    def demand_right_to_keep(self) -> None:
        """Raise :class:`~platforms.obstacles.Aborted` where a kept draft must not be committed."""
        if self.kept is not None:
            self.lock.demand()

    def keep(self, draft: KeptDraft) -> None:
        """Let a draft stay when everything else is undone."""
        self.kept = draft
        self.numbers.discard(draft.number)
        for row in draft.rows:
            self.anywhere.transactions.pop(row.id, None)
        if self._moment is not None:
            self._moment.keep = True

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one moment, while the server itself refuses to write."""
        if self.platform.shares_transaction:
            with self.connection.transaction():
                self.tables.act("forbid_writing")
                yield
        else:
            self.watch.mark()
            with snapshot(self.connection, read_only=True):
                yield
            self.watch.mark()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo the block afterwards, where the platform shares the transaction."""
        if self.platform.shares_transaction:
            with self.connection.transaction(force_rollback=True):
                yield
        else:
            yield

    @property
    def oracle(self) -> Oracle:
        """What tells what the period must bill."""
        about = (self.relations, self.target, self.tenant_id, self.contract)
        return Oracle(self.tables, *about, at_most=self.books.event_count)

    def of(self, period: Period) -> "Workspace":
        """Return the same place for another period; what is made there is the run's alike."""
        return replace(self, target=replace(self.target, period=period))

    def keys_of(self, ids: Iterable[str]) -> dict[str, str]:
        """What people call events; an id that can be none is left out."""
        known = []
        for id in ids:
            with suppress(ValueError):
                known.append(self.description.read_id("event", id))
        with reachable(self.connection):
            rows = self.tables.rows("event_keys", ids=known)
        return {row["id"]: row["key"] for row in rows}

    def force_constraints(self) -> None:
        """Fire deferred constraints, where the transaction will be rolled back and never would."""
        if self.platform.shares_transaction:
            check_as_a_commit_does(self.connection)

    @property
    def ids(self) -> Ids:
        """What rows of the run speak of; where several tenants are judged, all have such keys."""
        made, run = self.made, self.target.run
        keys = tuple(made.seeds.values()) if len(self.target.tenants) == 1 else ()
        on_record = tuple(row.id for row in self.withdrawn if row.relation == "invoices")
        return Ids(
            tenant_id=self.tenant_id,
            invoices=(*made.ids, *on_record),
            seeds=tuple(made.seeds),
            words=(f"p9a-{run}-{self.tenant_id}", *keys),
            numbers=tuple(sorted(self.numbers)),
            unique=self.description.rules.numbers.per == "platform",
            on_record=on_record,
        )

    def invoices_of_others(self) -> Row | None:
        """Other tenants' invoices, boiled down; None where they may change them meanwhile."""
        if not self.platform.shares_transaction:
            return None
        return self.tables.row("invoices_of_others", tenant_id=self.tenant_id)

    def other_numbers(self, invoice: Invoice) -> frozenset[str]:
        """What the other invoices are called: no two may share a number."""
        rows = self.tables.rows(
            "other_numbers",
            tenant_id=self.tenant_id,
            invoice_id=invoice.id,
            of_all=self.description.rules.numbers.per == "platform",
        )
        return frozenset(row["number"] for row in rows)

    @property
    def rehearsal(self) -> Rehearsal:
        """What tells before anything is made whether it can be removed again."""
        undone = self.platform.shares_transaction
        return Rehearsal(self.tables, self.relations, self.made, undone=undone)

    def added_rows(
        self, event_ids: Iterable[str] = (), invoice_ids: Iterable[str] = ()
    ) -> tuple[AddedRow, ...]:
        """Read the rows of events and invoices that the run has put there."""
        return self.books.added(self.tables, event_ids, invoice_ids)


@dataclass(frozen=True)
class Tenant:
    """The tenant's row."""

    name: str
    slug: str
    status: str


def find_tenant(workspace: Workspace) -> Tenant | None:
    """Read the tenant's row, if it has one."""
    row = workspace.tables.row("tenant", tenant_id=workspace.tenant_id)
    return (
        None if row is None else Tenant(*(row[fact] or "" for fact in ("name", "slug", "status")))
    )
