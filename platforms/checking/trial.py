"""One draft that is made to be taken back: whom it is for, what was made, and how it goes away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

import psycopg

from oracle.money import plain
from oracle.period import Period
from platforms import adapters
from platforms.checking.endings import uninterrupted
from platforms.description import Described
from platforms.obstacles import Aborted, first_line
from platforms.port import Invoice, Platform
from platforms.reaching import WronglyCalled
from platforms.relations.survey import Survey
from platforms.removing.rehearsal import delete_nothing, kept_invoices
from platforms.removing.removal import CannotRemove, Removal, in_one_transaction
from platforms.removing.writing import Writing
from platforms.statements import Row, Tables
from runbook.lacks import Lack
from runbook.statuses import InvoiceStatus
from runbook.words import counted

AMOUNT = Decimal(100)
SEED = {"source_entity_type": "SHIP_FINDING", "reason_code": "DRY_RUN", "amount": AMOUNT}
FINDING_TYPE = "DUPLICATE_CHARGE"
STAYS = (
    "is still there after it: its condition does not match, or a trigger or a view keeps the row"
)
Tell = Callable[[str], None]


@dataclass
class Trial:
    """One try, and what it has made so far.

    ``known`` are the tenant's invoices before it; ``asked`` tells whether a draft was asked for.
    """

    described: Described
    tables: Tables
    survey: Survey
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
        taken = self.tables.row(
            "overlapping_invoices",
            tenant_id=self.tenant_id,
            free=self.withdrawn + ([] if "paid" in blocking else words.invoice.paid),
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
        description = self.described.description
        try:
            with self.tables.connection.transaction(force_rollback=True):
                delete_nothing(self.tables, self.tenant_id)
                for why in kept_invoices(
                    self.tables, self.survey, description, self.tenant_id, [InvoiceStatus.DRAFT]
                ):
                    raise Aborted(f"what is made could not be removed, so nothing is made: {why}")
        except (psycopg.Error, CannotRemove) as error:
            called = adapters.called(self.described)
            why = first_line(error) if isinstance(error, psycopg.Error) else str(error)
            raise Aborted(
                f"what is made could not be removed, so nothing is made: {why}; "
                f"python -m platforms roles {called} prints what must be granted"
            ) from None

    def seed(self) -> None:
        """Plant a seed where the period has nothing to bill.

        Raises :class:`~platforms.removing.removal.CannotRemove` where it could not be removed.
        """
        bounds = {"period_start": self.period.start, "period_end": self.period.end}
        if self.tables.value("any_unbilled", tenant_id=self.tenant_id, **bounds):
            return
        terms = self.tables.rows("terms", tenant_id=self.tenant_id)
        currencies = sorted({row["currency"] for row in terms})
        currency = "USD" if "USD" in currencies or not currencies else currencies[0]
        kinds = [row["finding_type"] for row in terms if row["currency"] == currency]
        middle = self.period.start + (self.period.end - self.period.start) / 2
        with uninterrupted(), self.tables.connection.transaction():
            planted = self.tables.value(
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
            self._demand_removable(str(planted))
            self.seed_id = str(planted)
        self.tell(f"seeded    one event of {plain(AMOUNT, currency)} {currency}")

    def _demand_removable(self, seed_id: str) -> None:
        """See that the seed can be removed, while it is nobody else's to see.

        Raises :class:`~platforms.removing.removal.CannotRemove`.
        """
        with self.tables.connection.transaction(force_rollback=True):
            Removal(self.tables, self.survey).remove("remove_events", self.tenant_id, [seed_id])
            if self.tables.rows("stored_seeds", ids=[seed_id]):
                raise CannotRemove(f"seed {seed_id} {STAYS}; nothing is made")

    def draft(self) -> Invoice:
        """Ask for the draft. Raises :class:`~platforms.port.PlatformRefused`."""
        rows = self.tables.rows("invoice_ids", tenant_id=self.tenant_id)
        self.known = tuple(row["id"] for row in rows)
        self.asked = True
        with uninterrupted():
            draft = self.platform.generate_draft(self.tenant_id, self.period, self.key)
            self.invoice_id = draft.id
        self.tell(f"drafted   {draft.name}")
        return draft

    def stored(self) -> Row | None:
        """Return the draft as its table has it."""
        return next((row for row in self._since() if row["id"] == self.invoice_id), None)

    def status(self) -> str:
        """Return the platform's word for where the draft stands; nothing once it is gone."""
        row = self.stored()
        return str(row["status"]) if row else ""

    def take_back(self) -> str:
        """Cancel the draft; remove it where the platform cannot. Say in words what was done.

        Raises :class:`~platforms.port.PlatformRefused`.
        """
        if Lack.CANCEL in self.described.description.lacks:
            self.tables.act("remove_invoices", ids=[self.invoice_id], tenant_id=self.tenant_id)
            return "by remove_invoices, for the platform has no way"
        with uninterrupted():
            self.platform.cancel(self.tenant_id, self.invoice_id)
        status = self.status()
        return f"cancelled, and kept on record as {status}" if status else "cancelled, and gone"

    def remove(self) -> list[str]:
        """Remove what is still there; say in words what was.

        Raises :class:`~platforms.removing.removal.CannotRemove`.
        """

        def act() -> list[str]:
            removal, removed = Removal(self.tables, self.survey), []
            ids = [row["id"] for row in self._made()]
            if ids:
                removal.remove("remove_invoices", self.tenant_id, ids)
                removed.append(counted(len(ids), "invoice"))
            if self.seed_id:
                number = removal.remove("remove_events", self.tenant_id, [self.seed_id])
                removed.append(counted(number, "seed"))
            return removed

        return in_one_transaction(self.tables.connection, act)

    def command(self) -> str:
        """Return what an administrator types to remove what may be left."""
        made = [("remove_invoices", self.invoice_id), ("remove_events", self.seed_id)]
        left = [(name, [id_]) for name, id_ in made if id_]
        try:
            statements = Writing(self.tables, self.survey, self.tenant_id).of(left)
        except psycopg.Error:
            statements = [
                self.tables.statements[name].written_out(ids=ids, tenant_id=self.tenant_id)
                for name, ids in left
            ]
        return " ".join(["BEGIN;", *statements, "COMMIT;"]) if statements else ""

    def _since(self) -> list[Row]:
        return self.tables.rows(
            "stored_invoices", tenant_id=self.tenant_id, known_ids=list(self.known)
        )

    def _made(self) -> Iterator[Row]:
        """Yield the invoices that the try made: by its answer, else by its key or its period."""
        for row in self._since() if self.asked else ():
            origin = self.tables.row("invoice_origin", invoice_id=row["id"])
            key = origin["idempotency_key"] if origin else None
            same = row["period_start"] == self.period.start and row["period_end"] == self.period.end
            if row["id"] == self.invoice_id or key == self.key or (key is None and same):
                yield row
