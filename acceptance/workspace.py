"""Where one tenant is judged: sessions, what the run makes, and the books."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg import Connection

from acceptance.elsewhere import made_elsewhere, unknown_there
from acceptance.made import Made
from acceptance.rehearsal import Rehearsal
from acceptance.sweeping import seeds_left, sweep
from fixtures.adapters import MakePlatform
from fixtures.anywhere import Anywhere, Ids
from fixtures.books import AddedRow, Books, Comparison, Difference
from fixtures.calls import Refusal, attempt, attempt_at_once
from fixtures.database import Moment, reachable, snapshot
from fixtures.grounds import grounds_of
from fixtures.interrupts import uninterrupted
from fixtures.lock import LockedPlatform, TenantLock, locked
from fixtures.target import Target
from fixtures.watching import Watch, sorted_out, watched
from fixtures.writes import Writes
from fixtures.younger import Younger
from oracle.contract import Contract
from oracle.expectation import Expectation, expect
from oracle.itemised import Item, itemise
from oracle.period import Period
from oracle.raw import Case, read_case
from oracle.rules import Rules
from oracle.terms import Terms
from platforms.description import Description
from platforms.obstacles import Aborted
from platforms.port import Invoice, Platform
from platforms.relations import Relations
from platforms.removing.removal import CannotRemove
from platforms.statements import Row, Tables
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus

if TYPE_CHECKING:
    from oracle.agreed import Agreement

ATTEMPTS = 5
LEAST_OF_NUMBER = 6  # characters of an invoice's number by which rows elsewhere are known
ACCEPTED = 202
LONGEST_WAIT, SHORT_WAIT = 30, 5  # seconds

T = TypeVar("T")


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
    tells. ``swept`` names what a dead run had left and this one took away, ``left`` what it did
    not, for it ``writes`` nothing. ``began`` is the first
    transaction that is younger than the run. ``withdrawn`` are the rows of a cancelled draft that
    the platform keeps on record. ``watch`` knows when the platform was called, ``meanwhile`` which
    rows others changed in what nobody judges.
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
    _moment: Moment | None
    _stack: ExitStack = field(repr=False)
    numbers: set[str] = field(default_factory=set)
    kept: KeptDraft | None = None
    withdrawn: tuple[AddedRow, ...] = ()
    meanwhile: tuple[Difference, ...] = ()

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

    def remove_what_can_be(self) -> None:
        """Delete what is still there; what cannot be is told by a last look."""
        with suppress(CannotRemove):
            self.remove_made()

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

    def expect(self) -> Expectation:
        """Ask the oracle what the period must bill, by the contract if there is one."""
        rules, unique = self.description.rules.rules, self.relations.survey.keys_are_unique
        tenant, period = self.tenant_id, self.target.period
        if self.contract is None:
            return expect(self.tables, tenant, period, rules, keys_are_unique=unique)
        return self._agreement(self.contract).expectation(keys_are_unique=unique)

    def _agreement(self, contract: Contract) -> "Agreement":
        from oracle.agreed import Agreement  # noqa: PLC0415 - few runs have a contract

        return Agreement(
            contract,
            self.tables,
            self.tenant_id,
            self.target.period,
            contract.rules(self.description.rules.rules.lines),
            tuple(self.description.words.words(InvoiceStatus.ISSUED, InvoiceStatus.PAID)),
        )

    def of(self, period: Period) -> "Workspace":
        """Return the same place for another period; what is made there is the run's alike."""
        return replace(self, target=replace(self.target, period=period))

    def itemise(self, expectation: Expectation) -> tuple[Item, ...]:
        """Ask the oracle for the period's events one by one, where anybody wants to know.

        Where a contract prices no event by itself, only those that cannot be billed are told.
        """
        if not (self.target.events or expectation.flaws):
            return ()
        rules, signed = self._agreed_rates()
        items = itemise(
            self.tables,
            self.tenant_id,
            self.target.period,
            rules,
            signed=signed,
            keys_are_unique=self.relations.survey.keys_are_unique,
        )
        return tuple(item for item in items if item.why or not self.unexplained)

    def _agreed_rates(self) -> tuple[Rules, tuple[Terms, ...] | None]:
        """The rules, and the terms if they were signed, by which a rate is chosen and rounded."""
        rules, contract = self.description.rules.rules, self.contract
        if contract is None:
            return rules, None
        from oracle.agreed import signed_terms  # noqa: PLC0415 - few runs have a contract

        return contract.rules(rules.lines), tuple(signed_terms(contract))

    def case(self, most: int) -> Case | None:
        """Read the raw events that the oracle works on; ``None`` where they are more than that."""
        rules, terms = self._agreed_rates()
        case = read_case(self.tables, self.tenant_id, self.target.period, rules, most)
        if case is None or terms is None or self.contract is None:
            return case
        from oracle.rereading import read_agreed  # noqa: PLC0415 - few runs have a contract

        agreed = read_agreed(self._agreement(self.contract), case.terms, most)
        return None if agreed is None else replace(case, terms=terms, agreed=agreed)

    @property
    def unexplained(self) -> str:
        """What known ways of billing do not know: they know terms and rules alone."""
        if self.contract is None:
            return ""
        from oracle.comparison import judged_by_bills  # noqa: PLC0415 - likewise

        agreed = ", ".join(judged_by_bills(self.contract))
        return f"the contract agrees on more than rates: {agreed}" if agreed else ""

    def known_events(self) -> Row | None:
        """Which events the period has now, boiled down, where others can arrive meanwhile."""
        if self.platform.shares_transaction:
            return None
        period = self.target.period
        return self.tables.row(
            "known_events",
            tenant_id=self.tenant_id,
            period_start=period.start,
            period_end=period.end,
        )

    def while_quiet(self, act: Callable[[int], T], doubted: Callable[[T], Expectation | None]) -> T:
        """Return what an act saw between two equal looks at the period's events.

        Where one arrived meanwhile it is acted again, and told for which time; likewise where an
        expectation is ``doubted``, and is another one now. Raises
        :class:`~platforms.obstacles.Aborted` if it never gets quiet.
        """
        for number in range(1, ATTEMPTS + 1):
            before = self.known_events()
            seen = act(number)
            if self.known_events() == before and not self._moved(doubted(seen)):
                return seen
        raise Aborted(
            f"billable events or terms kept changing while the period was judged, {ATTEMPTS} times "
            f"over: choose a period that has ended, or run again"
        )

    def keys_of(self, ids: Iterable[str]) -> dict[str, str]:
        """What people call events; an id that can be none is left out."""
        known = []
        for id in ids:
            with suppress(ValueError):
                known.append(self.description.read_id("event", id))
        with reachable(self.connection):
            rows = self.tables.rows("event_keys", ids=known)
        return {row["id"]: row["key"] for row in rows}

    def _moved(self, expectation: Expectation | None) -> bool:
        """Tell whether others changed what must be billed, where they can."""
        if expectation is None or self.platform.shares_transaction:
            return False
        return self.expect() != expectation

    def generate_draft(self, purpose: str) -> tuple[str, Invoice | Refusal]:
        """Ask the platform for a draft, and record what it answers; return the key and that.

        An answer that names somebody else's invoice is refused: it must never be cancelled or paid.
        """
        key = self.made.key(purpose, self.target.period)
        with uninterrupted():
            draft = self._recorded(key, attempt(self._generating(key)))
        self._wait_for_what_may_come(draft)
        return key, draft

    def generate_rival_drafts(self, *purposes: str) -> list[Invoice | Refusal]:
        """Ask for several drafts at the same moment, under a key each, and record the answers."""
        keys = [self.made.key(purpose, self.target.period) for purpose in purposes]
        with uninterrupted():
            answers = attempt_at_once(*map(self._generating, keys))
            drafts = [self._recorded(key, draft) for key, draft in zip(keys, answers, strict=True)]
        self._wait_for_what_may_come(*drafts)
        return drafts

    def _generating(self, key: str) -> Callable[[], Invoice]:
        return partial(self.platform.generate_draft, self.tenant_id, self.target.period, key)

    def _recorded(self, key: str, draft: Invoice | Refusal) -> Invoice | Refusal:
        self._demand_same_database(key, draft)
        if isinstance(draft, Invoice) and self._is_anothers(draft, key):
            why = f"the answer names {draft.name}, which was not made for this request"
            draft = Refusal("platform_error", why)
        if isinstance(draft, Invoice):
            self.made.answered(key, draft)
            self.watch.remember("invoices", draft.id)
            self.note(draft.id)
        elif not draft.lost:
            self.made.refused(key)
        return draft

    def _demand_same_database(self, key: str, draft: Invoice | Refusal) -> None:
        """Raise :class:`~platforms.obstacles.Aborted` where the platform works on another one."""
        if isinstance(draft, Invoice):
            why = made_elsewhere(self.platform, self.tables, self.tenant_id, draft)
        else:
            why = unknown_there(self.platform, self.tenant_id, draft)
        if why:
            self.made.refused(key)
            raise Aborted(why)

    def _is_anothers(self, draft: Invoice, key: str) -> bool:
        """Tell whether an answered invoice is one that the run has not made, and must not touch."""
        row = self.tables.row("invoice_origin", invoice_id=draft.id)
        if draft.id in self.made.known or row is None:
            return row is not None
        stored = row["idempotency_key"]
        if row["tenant_id"] != self.tenant_id:
            return True
        self.made.learn(stored)
        return stored != key and self.made.names_a_request(stored)

    def _wait_for_what_may_come(self, *answers: Invoice | Refusal) -> None:
        """Wait for the invoices of requests whose answers were lost, once and not for long."""
        accepted = any(isinstance(one, Refusal) and one.status == ACCEPTED for one in answers)
        patience = self.target.api.patience if self.target.api else LONGEST_WAIT
        seconds = min(LONGEST_WAIT if accepted else SHORT_WAIT, patience)
        self.made.wait(self.tables, seconds)

    def force_constraints(self) -> None:
        """Fire deferred constraints, where the transaction will be rolled back and never would."""
        if self.platform.shares_transaction:
            self.tables.act("force_constraints")

    def note(self, invoice_id: str) -> None:
        """Remember which transaction has just made or moved an invoice of the run, and its number.

        In process there is no transaction but the run's own.
        """
        if not self.platform.shares_transaction:
            self.anywhere.note("invoices", invoice_id)
        row = self.tables.row("invoice_life", tenant_id=self.tenant_id, invoice_id=invoice_id)
        if row is not None and len(row["number"] or "") >= LEAST_OF_NUMBER:
            self.numbers.add(row["number"])

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Have the platform cancel a draft, and remember which transaction did so."""
        if self.platform.shares_transaction:
            self.platform.cancel(tenant_id, invoice_id)
            return
        with snapshot(self.connection, read_only=True):
            try:
                self.platform.cancel(tenant_id, invoice_id)
            finally:
                self.anywhere.note_taken("invoices", invoice_id)

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

    def remove_made(self) -> int:
        """Delete what the run put there, in one go; return how many seeds that were."""
        self._wait_for_what_may_come()
        with uninterrupted(), self.watch.noted():
            self.made.adopt(self.tables)
            seeds = self.made.remove(self.tables, whole=not self.platform.shares_transaction)
        # A withdrawn invoice that was made of seeds has gone with them.
        ids = [row.id for row in self.withdrawn if row.relation == "invoices"]
        self.withdrawn = self.added_rows(invoice_ids=ids)
        return seeds

    def remove_invoices(self) -> Refusal | None:
        """Delete the invoices that the run made so far: for a platform that cannot cancel."""
        try:
            with uninterrupted(), self.watch.noted():
                self.made.remove_invoices(self.tables)
        except CannotRemove as error:
            return Refusal("cannot_be_removed", str(error))
        return None

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

    def differences(
        self, added: Iterable[AddedRow] = (), *, to_confirm: bool = False
    ) -> tuple[Difference, ...]:
        """Name the rows that are not as before, but for the ``added`` ones.

        Others that are ``to_confirm`` may be somebody else's doing.
        """
        added = (*added, *self.withdrawn)
        differences = self.books.compare(self.tables, added).differences
        if self.platform.shares_transaction:
            return differences
        return self._of_the_run(self.touched(differences), to_confirm=to_confirm)

    def _of_the_run(
        self, differences: Iterable[Difference], *, to_confirm: bool = False
    ) -> tuple[Difference, ...]:
        """Leave out what others changed that nobody judges."""
        own, self.meanwhile = sorted_out(self.watch, differences, to_confirm=to_confirm)
        return own

    def touched(self, differences: Iterable[Difference]) -> tuple[Difference, ...]:
        """Leave out what may have arrived meanwhile: it was not a call of the run that wrote it."""
        differences = tuple(differences)
        arrived = {row.id for row in differences if row.arrived_meanwhile}
        others = arrived - self.anywhere.of_run("events", *arrived)
        return tuple(d for d in differences if not (d.arrived_meanwhile and d.id in others))

    def look_again(self) -> tuple[Comparison, tuple[AddedRow, ...]]:
        """Compare the books, and find the run's own rows, once everything is undone."""
        lasting = self.kept.rows if self.kept else ()
        if not self.platform.shares_transaction:
            lasting += self.withdrawn
        with snapshot(self.connection, read_only=True):
            comparison = self.books.compare(self.tables, lasting, whole=True)
            own = self.added_rows(self.made.seeds, self.made.ids)
        self.lock.demand()  # what was seen, no other run has changed
        residue = tuple(row for row in own if row not in lasting)
        if not self.kept and not residue:
            arrived = tuple(row for row in comparison.differences if row.arrived_meanwhile)
            rest = (row for row in comparison.differences if row not in arrived)
            comparison = replace(comparison, differences=(*arrived, *self._of_the_run(rest)))
        return comparison, residue

    def left_by_design(self) -> list[dict[str, Any]]:
        """Count what the platform left in the tables that its description says it writes to."""
        left = self.left_since(self.began)
        words = "on record with a withdrawn draft"
        for table, rows in self.anywhere.on_record.items():
            left.append({"table": table, "rows": rows, "declared": True, "words": words})
        lasting = () if self.platform.shares_transaction else self.withdrawn
        for table in dict.fromkeys(row.table for row in lasting):
            rows = sum(row.table == table for row in lasting)
            words = "a withdrawn draft, kept on record"
            left.append({"table": table, "rows": rows, "declared": True, "words": words})
        return [one for one in left if one["rows"]]

    def left_since(self, transaction: str) -> list[dict[str, Any]]:
        """Count what was written since to the tables that the description declares."""
        if self.platform.shares_transaction:
            return []
        counts = {
            name: self.tables.rows_since(name, transaction) for name in self.description.leaves
        }
        leaves = self.description.leaves
        return [
            {"table": table, "rows": rows, "declared": True, "words": leaves[table]}
            for table, rows in counts.items()
            if rows
        ]


@contextmanager
def open_workspace(
    conninfo: str,
    target: Target,
    relations: Relations,
    tenant_id: str,
    make_platform: MakePlatform,
    *,
    writes: bool = True,
) -> Iterator[Workspace]:
    """Lock the tenant, sweep what a dead run left if the run ``writes``, and take the books.

    In process, the transaction begins that is rolled back in the end. The witness
    is a session that keeps on seeing the rows as they are now.
    """
    with (
        locked(target, conninfo, tenant_id) as lock,
        target.session(conninfo) as witness,
        target.session(conninfo) as connection,
    ):
        lock.guard(connection)
        tables = Tables(connection, relations.statements)
        seen = Tables(witness, relations.statements)
        swept = sweep(tables, relations, lock) if writes else ()
        left = () if writes else seeds_left(tables, relations, tenant_id, target.period)
        known = frozenset(row["id"] for row in tables.rows("invoice_ids", tenant_id=tenant_id))
        made = Made(tenant_id, target.run, relations.survey, witness, known)
        made.keyed &= Lack.IDEMPOTENCY not in relations.described.description.lacks
        watch = Watch(tables, relations.survey)
        with (
            closing(LockedPlatform(make_platform(connection), lock)) as called,
            snapshot(witness, read_only=True),
            ExitStack() as stack,
        ):
            names = relations.survey.tables
            platform = called if called.shares_transaction else watched(called, watch)
            if platform.shares_transaction:
                moment = stack.enter_context(snapshot(connection, read_only=target.read_only))
                books = Books(tables, seen, tenant_id, names, Writes(tables, relations))
            else:
                moment = None
                younger = Younger(seen, relations, tenant_id)
                books = Books(seen, seen, tenant_id, names, younger=younger)
            began = tables.value("current_transaction")
            anywhere = Anywhere(
                tables,
                seen,
                grounds_of(tables, relations),
                tenant_id,
                began,
                tuple(relations.described.description.leaves),
                max(len(target.tenants), 1),
            )
            workspace = Workspace(
                target=target,
                tenant_id=tenant_id,
                relations=relations,
                tables=tables,
                platform=platform,
                books=books,
                made=made,
                swept=swept,
                left=left,
                writes=writes,
                began=began,
                lock=lock,
                watch=watch,
                anywhere=anywhere,
                _moment=moment,
                _stack=stack,
            )
            shared = platform.shares_transaction
            stack.callback(
                workspace.demand_right_to_keep if shared else workspace.remove_what_can_be
            )
            yield workspace


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
