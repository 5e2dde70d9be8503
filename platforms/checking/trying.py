"""``check --try``: one draft through the adapter, its facts beside those stored, and its removal.

Whatever happens, what was made is removed again; what could not be is told, with the statements that
remove it.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import Connection

from oracle.money import plain
from oracle.period import Period
from platforms import adapters
from platforms.checking.findings import Finding, Level, ok, wrong
from platforms.checking.movement import Look, Moved, look, moved_since
from platforms.description import FILE, RELATIONS, Described, locate
from platforms.obstacles import Aborted, first_line
from platforms.port import Invoice, Platform, PlatformRefused
from platforms.reaching import Surroundings, WronglyCalled
from platforms.relations import load
from platforms.statements import Row, Tables
from runbook.lacks import Lack
from runbook.statuses import InvoiceStatus
from runbook.words import counted

SEED = {
    "source_entity_type": "SHIP_FINDING",
    "reason_code": "DRY_RUN",
    "amount": Decimal(100),
}
FINDING_TYPE = "DUPLICATE_CHARGE"
SIGNALS = (signal.SIGTERM, signal.SIGHUP)
UNTOLD = "-"
Tell = Callable[[str], None]


@dataclass
class Trial:
    """One try, and what it has made so far."""

    described: Described
    tables: Tables
    platform: Platform
    tenant_id: str
    period: Period
    tell: Tell
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    seed_id: str = ""
    invoice_id: str = ""
    asked: bool = False
    known: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key that the draft is asked for under."""
        return f"p9a-{self.run}-{self.tenant_id}-draft"

    @property
    def withdrawn(self) -> list[str]:
        """The words of invoices that are kept on record only."""
        return self.described.description.words.words(InvoiceStatus.WITHDRAWN)

    def demand_room(self) -> Row:
        """Return the tenant, if it can be billed for the period. Raises :class:`WronglyCalled`."""
        tenant = self.tables.row("tenant", tenant_id=self.tenant_id)
        listing = f"python -m platforms tenants {adapters.called(self.described)}"
        if tenant is None:
            raise WronglyCalled(f"there is no tenant {self.tenant_id}; list them with: {listing}")
        words = self.described.description.words
        if tenant["status"] not in words.tenant.active:
            raise WronglyCalled(f"tenant {self.tenant_id} is {tenant['status']}; others: {listing}")
        blocking = self.described.description.rules.blocking
        free = self.withdrawn + ([] if "paid" in blocking else words.invoice.paid)
        taken = self.tables.row(
            "overlapping_invoices",
            tenant_id=self.tenant_id,
            free=free,
            period_start=self.period.start,
            period_end=self.period.end,
        )
        if taken is not None:
            raise WronglyCalled(
                f"{self.period} has {taken['status']} invoice {taken['number'] or taken['id']}: "
                f"choose another period with --period-start and --period-end"
            )
        return tenant

    def rehearse_removal(self) -> None:
        """See that what is made can be removed, before anything is. Raises :class:`Aborted`."""
        try:
            with self.tables.connection.transaction(force_rollback=True):
                for name in ("remove_invoices", "remove_events"):
                    self.tables.act(name, ids=[], tenant_id=self.tenant_id)
        except psycopg.Error as error:
            called = adapters.called(self.described)
            raise Aborted(
                f"what is made could not be removed, so nothing is made: {first_line(error)}; "
                f"python -m platforms roles {called} prints what must be granted"
            ) from None

    def seed(self) -> None:
        """Plant a seed where the period has nothing to bill."""
        bounds = {"period_start": self.period.start, "period_end": self.period.end}
        if self.tables.value("any_unbilled", tenant_id=self.tenant_id, **bounds):
            return
        terms = self.tables.rows("terms", tenant_id=self.tenant_id)
        currencies = sorted({row["currency"] for row in terms})
        currency = "USD" if "USD" in currencies or not currencies else currencies[0]
        kinds = [row["finding_type"] for row in terms if row["currency"] == currency]
        middle = self.period.start + (self.period.end - self.period.start) / 2
        self.seed_id = str(
            self.tables.value(
                "plant_event",
                **SEED,
                tenant_id=self.tenant_id,
                currency=currency,
                source_entity_id=str(uuid4()),
                finding_type=next((one for one in kinds if one), FINDING_TYPE),
                key=f"dryrun-{self.period.month}-p9a-{self.run}-001",
                occurred_at=middle.replace(microsecond=0),
                created_at=middle.replace(microsecond=0),
            )
        )
        self.tell(f"seeded    one event of {plain(SEED['amount'], currency)} {currency}")

    def draft(self) -> Invoice:
        """Ask for the draft. Raises :class:`~platforms.port.PlatformRefused`."""
        rows = self.tables.rows("invoice_ids", tenant_id=self.tenant_id)
        self.known = tuple(row["id"] for row in rows)
        self.asked = True
        draft = self.platform.generate_draft(self.tenant_id, self.period, self.key)
        self.invoice_id = draft.id
        self.tell(f"drafted   {draft.name}")
        return draft

    def stored(self) -> Row | None:
        """Return the draft as its table has it."""
        rows = self.tables.rows(
            "stored_invoices", tenant_id=self.tenant_id, known_ids=list(self.known)
        )
        return next((row for row in rows if row["id"] == self.invoice_id), None)

    def status(self) -> str:
        """Return the platform's word for where the draft stands; nothing once it is gone."""
        row = self.stored()
        return str(row["status"]) if row else ""

    def take_back(self) -> str:
        """Cancel the draft; remove it where the platform cannot. Say in words what was done."""
        if Lack.CANCEL in self.described.description.lacks:
            self.tables.act("remove_invoices", ids=[self.invoice_id], tenant_id=self.tenant_id)
            return "removed by remove_invoices, for the platform has no way"
        self.platform.cancel(self.tenant_id, self.invoice_id)
        status = self.status()
        return f"cancelled: kept on record as {status}" if status else "cancelled: gone"

    def remove(self) -> list[str]:
        """Remove what is still there; say in words what was."""
        removed = []
        ids = [row["id"] for row in self._made()]
        if ids:
            self.tables.act("remove_invoices", ids=ids, tenant_id=self.tenant_id)
            removed.append(counted(len(ids), "invoice"))
        if self.seed_id:
            number = self.tables.act("remove_events", ids=[self.seed_id], tenant_id=self.tenant_id)
            removed.append(counted(number, "seed"))
        return removed

    def _made(self) -> Iterator[Row]:
        """Yield the invoices that the try made: by its answer, else by its key or its period."""
        if not self.asked:
            return
        for row in self.tables.rows(
            "stored_invoices", tenant_id=self.tenant_id, known_ids=list(self.known)
        ):
            origin = self.tables.row("invoice_origin", invoice_id=row["id"])
            key = origin["idempotency_key"] if origin else None
            same = row["period_start"] == self.period.start and row["period_end"] == self.period.end
            if row["id"] == self.invoice_id or key == self.key or (key is None and same):
                yield row

    def command(self) -> str:
        """Return what an administrator types to remove what may be left."""
        written = self.tables.statements
        told = []
        if self.invoice_id:
            told.append(
                written["remove_invoices"].written_out(
                    ids=[self.invoice_id], tenant_id=self.tenant_id
                )
            )
        if self.seed_id:
            told.append(
                written["remove_events"].written_out(ids=[self.seed_id], tenant_id=self.tenant_id)
            )
        return " ".join(told)


def try_draft(
    described: Described, around: Surroundings, tenant_id: str, period: Period, tell: Tell
) -> Iterator[Finding]:
    """Make one draft, show it, take it back; yield what was found.

    Raises :class:`~platforms.reaching.WronglyCalled` for a tenant or period that will not do, and
    :class:`~platforms.obstacles.Aborted` where nothing can be tried.
    """
    with around.session(read_only=False) as connection, ExitStack() as stack:
        relations = load(connection, described)
        platform = adapters.adapter(described, connection, around.api, around.children)
        stack.enter_context(closing(platform))
        platform.build()
        if platform.shares_transaction:
            stack.enter_context(connection.transaction(force_rollback=True))
        tables = Tables(connection, relations.statements)
        trial = Trial(described, tables, platform, tenant_id, period, tell)
        tenant = trial.demand_room()
        tell(f"tenant    {tenant_id} {tenant['name']}, {period}, {platform.name}")
        trial.rehearse_removal()
        books = _books(tables, tenant_id)
        with _ended_by_signals(), _cleaned_up(trial, around):
            trial.seed()
            before = look(connection)
            yield from _tried(connection, trial, before)
        yield from _as_before(trial, books)


def _tried(connection: Connection[Any], trial: Trial, before: Look) -> Iterator[Finding]:
    try:
        draft = trial.draft()
    except PlatformRefused as refused:
        yield Finding(Level.WRONG, f"the draft was refused: {refused}")
        return
    yield from _facts(trial, draft)
    try:
        how = trial.take_back()
    except PlatformRefused as refused:
        yield Finding(Level.WRONG, f"the draft could not be taken back: {refused}")
        return
    trial.tell(f"taken back: {how}")
    moved = moved_since(connection, before)
    yield from _declared(trial, moved)
    for name in before.unreadable:
        yield Finding(Level.WARN, f"{name} may not be read: whether it moved cannot be told")


def _facts(trial: Trial, draft: Invoice) -> Iterator[Finding]:
    """Show what was answered beside what is stored."""
    row = trial.stored()
    if row is None:
        words = f"the draft {draft.id} is not in the relation invoices of tenant {trial.tenant_id}"
        yield Finding(Level.WRONG, words, trial.described.folder / RELATIONS, 1)
        return
    lines = trial.tables.rows("stored_lines", invoice_id=draft.id)
    pairs = list(_pairs(trial, draft, row, len(lines)))
    width = max(len(_shown(answered)) for _, answered, _ in pairs)
    trial.tell(f"{'':<18}  {'answered':<{width}}  stored")
    for fact, answered, stored in pairs:
        trial.tell(f"{fact:<18}  {_shown(answered):<{width}}  {_shown(stored)}")
        if answered is not None and stored is not None and answered != stored:
            words = f"the answer says {_shown(answered)}, the table {_shown(stored)}"
            yield wrong(trial.described.folder, ("api", "invoice", fact), words)


def _pairs(
    trial: Trial, draft: Invoice, row: Row, line_count: int
) -> Iterator[tuple[str, Any, Any]]:
    """Yield each fact as it was answered and as it is stored; None where it is not told."""
    bill, period = draft.bill, draft.period
    words = trial.described.description.words
    yield "id", draft.id, row["id"]
    yield "tenant_id", draft.tenant_id, row["tenant_id"]
    yield "number", draft.number, row["number"]
    yield "status", draft.status, words.status(str(row["status"]))
    yield "period_start", period and period.start, _utc(row["period_start"])
    yield "period_end", period and period.end, _utc(row["period_end"])
    yield "issued_at", draft.issued_at, _utc(row["issued_at"])
    yield "paid_at", draft.paid_at, _utc(row["paid_at"])
    yield "currency", bill and bill.currency, row["currency"]
    yield "event_count", bill and bill.event_count, row["event_count"]
    yield "recovered_amount", bill and bill.recovered_amount, row["recovered_amount"]
    yield "gain_share_amount", bill and bill.gain_share_amount, row["gain_share_amount"]
    lacks = Lack.LINES in trial.described.description.lacks
    told = None if bill is None or bill.lines is None else len(bill.lines)
    yield "lines", told, None if lacks else line_count


def _utc(told: Any) -> Any:
    return told.astimezone(UTC) if isinstance(told, datetime) else told


def _shown(value: Any) -> str:
    if value is None:
        return UNTOLD
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _declared(trial: Trial, moved: list[Moved]) -> Iterator[Finding]:
    """Say of everything that moved whether the description declares it."""
    leaves = trial.described.description.leaves
    folder = trial.described.folder
    kept = trial.status() in trial.withdrawn
    own = set(_relation_tables(trial))
    declared = {name for name in leaves} | own
    for one in moved:
        if one.name in leaves:
            yield ok(f"{one.name}: {one.words}; declared: {leaves[one.name]}")
        elif one.of_table and one.of_table in declared:
            yield ok(f"{one.name}: {one.words}, of the ids of {one.of_table}")
        elif one.name in own and not (one.new or one.gone):
            yield ok(f"{one.name}: {one.words}")
        elif one.name in own and kept and not one.gone:
            yield ok(f"{one.name}: {one.words}; kept on record as {trial.status()}")
        else:
            words = f"{one.name} moved ({one.words}) and is not declared"
            line = int(locate(folder / FILE, ("leaves",)).rpartition(":")[2])
            yield Finding(Level.WRONG, f"leaves: {words}", folder / FILE, line)


def _relation_tables(trial: Trial) -> Iterator[str]:
    """Yield the tables that invoices, lines and events come from."""
    from platforms.roles.deriving import accesses  # noqa: PLC0415 - it loads a parser of SQL

    statements = trial.tables.statements
    names = ("remove_invoices", "remove_events", "plant_event")
    yield from accesses(trial.described, [statements[name] for name in names])


def _books(tables: Tables, tenant_id: str) -> dict[str, Row]:
    rows = tables.rows("fingerprint", tenant_id=tenant_id, starts=None, ends=None)
    return {row["relation"]: row for row in rows}


def _as_before(trial: Trial, books: dict[str, Row]) -> Iterator[Finding]:
    """See that the tenant's rows are as they were, once everything is removed."""
    changed = [
        name
        for name, row in _books(trial.tables, trial.tenant_id).items()
        if row != books.get(name)
    ]
    if changed:
        yield Finding(Level.WRONG, f"not as before: {', '.join(changed)} of the tenant")
    else:
        yield ok("every row of the tenant is as it was before")


@contextmanager
def _cleaned_up(trial: Trial, around: Surroundings) -> Iterator[None]:
    """Remove what the block made, however it ends."""
    try:
        yield
    finally:
        with _patient(trial.tell):
            _clean_up(trial, around)


def _clean_up(trial: Trial, around: Surroundings) -> None:
    try:
        if trial.tables.connection.broken:
            with around.session(read_only=False) as connection:
                trial.tables = Tables(connection, trial.tables.statements)
                removed = trial.remove()
        else:
            removed = trial.remove()
    except (psycopg.Error, Aborted) as error:
        reason = first_line(error) if isinstance(error, psycopg.Error) else str(error)
        command = trial.command()
        told = f"; remove it with: {command}" if command else ""
        trial.tell(f"STAYED    what was made may be left: {reason}{told}")
        return
    if removed:
        trial.tell(f"removed   {', '.join(removed)}")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let whatever tells the process to end do it as Ctrl-C does."""

    def end(number: int, _: object) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    with _listening(dict.fromkeys(SIGNALS, end)):
        yield


@contextmanager
def _patient(tell: Tell) -> Iterator[None]:
    """Let whoever insists wait until the block is done."""

    def go_on(number: int, _: object) -> None:
        tell(f"{signal.Signals(number).name}: what was made is being removed; this ends by itself")

    with _listening(dict.fromkeys((signal.SIGINT, *SIGNALS), go_on)):
        yield


@contextmanager
def _listening(handlers: dict[signal.Signals, Any]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # a handler that Python has not set
                signal.signal(number, handler)
