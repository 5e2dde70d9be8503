"""Adapters of platforms that keep the reference platform's data in another shape.

Each changes what the reference platform's own adapter is given or answers, as far as the platform
that it stands for would. The file is copied into a description's folder as its ``adapter.py``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any
from uuid import uuid4

from psycopg import Connection

from oracle.bill import Bill, Line
from oracle.money import exact_sum
from oracle.period import Period
from platforms.description import Described
from platforms.port import Invoice, PlatformRefused
from platforms.reference.adapter import Adapter
from platforms.statements import Tables, parse
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus
from selftests.gate import PROJECT

SQL = PROJECT / "selftests" / "sql" / "rows_adapter.sql"
NOBODY = "00000000-0000-0000-0000-000000000000"


class Varied(Adapter):
    """Answers what ``billed`` and ``told`` make of the reference platform's answers."""

    def __init__(self, described: Described, connection: Connection[Any]) -> None:
        super().__init__(described, connection)
        self.tables = Tables(connection, parse(SQL.read_text(encoding="utf-8")))

    def billed(self, bill: Bill, invoice_id: str) -> Bill:
        """Return a bill as the platform tells it; a preview has no invoice."""
        return bill

    def told(self, invoice: Invoice) -> Invoice:
        """Return an invoice as the platform tells it."""
        return replace(invoice, bill=invoice.bill and self.billed(invoice.bill, invoice.id))

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """See :class:`~platforms.port.Platform`."""
        return self.billed(super().preview(tenant_id, period), "")

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self.told(super().generate_draft(tenant_id, period, idempotency_key))

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self.told(super().issue(tenant_id, invoice_id))

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self.told(super().mark_paid(tenant_id, invoice_id))

    def find(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return self.told(super().find(tenant_id, invoice_id))


class Mapped(Varied):
    """Ids are others than the reference platform's; a view of the platform has both."""

    def _uuid(self, kind: str, id: str) -> str:
        return self.tables.value("uuid_of", kind=kind, id=id) or NOBODY

    def told(self, invoice: Invoice) -> Invoice:
        """Return an invoice with the platform's ids."""
        ids = {
            name: self.tables.value("id_of", kind=kind, uuid=uuid)
            for name, kind, uuid in (
                ("id", "invoice", invoice.id),
                ("tenant_id", "tenant", invoice.tenant_id),
            )
        }
        return replace(invoice, **ids)

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """See :class:`~platforms.port.Platform`."""
        return super().preview(self._uuid("tenant", tenant_id), period)

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return super().generate_draft(self._uuid("tenant", tenant_id), period, idempotency_key)

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """See :class:`~platforms.port.Platform`."""
        super().cancel(self._uuid("tenant", tenant_id), self._uuid("invoice", invoice_id))

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return super().issue(self._uuid("tenant", tenant_id), self._uuid("invoice", invoice_id))

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return super().mark_paid(self._uuid("tenant", tenant_id), self._uuid("invoice", invoice_id))


class Numberless(Varied):
    """A draft has no number."""

    def told(self, invoice: Invoice) -> Invoice:
        """Return an invoice, a draft without its number."""
        is_draft = invoice.status == InvoiceStatus.DRAFT
        return replace(invoice, number=None) if is_draft else invoice


class Keyless(Varied):
    """No key is kept of what was asked for."""

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        return super().generate_draft(tenant_id, period, f"{uuid4()} {idempotency_key[:0]}")


class ByEvent(Varied):
    """An invoice has a line an event; a preview has none."""

    def billed(self, bill: Bill, invoice_id: str) -> Bill:
        """Return a bill with its lines as the platform keeps them."""
        if not invoice_id:
            return replace(bill, lines=None)
        items = self.tables.rows("items_of", invoice_id=invoice_id)
        return replace(bill, lines=tuple(Line(**item) for item in items))


class Together(Varied):
    """Lines that have the same ``scope`` are one."""

    scope: tuple[str, ...] = ()

    def billed(self, bill: Bill, invoice_id: str) -> Bill:
        """Return a bill, its lines put together."""
        groups: dict[tuple[object, ...], list[Line]] = defaultdict(list)
        for line in bill.lines or ():
            groups[tuple(getattr(line, name) for name in self.scope)].append(line)
        return replace(bill, lines=tuple(self._one(lines) for lines in groups.values()))

    def _one(self, lines: list[Line]) -> Line:
        return Line(
            **{name: getattr(lines[0], name) for name in self.scope},
            event_count=sum(line.event_count or 0 for line in lines),
            recovered_amount=_sum(line.recovered_amount for line in lines),
            gain_share_amount=_sum(line.gain_share_amount for line in lines),
        )


class ByType(Together):
    """An invoice has a line for each finding type."""

    scope = ("finding_type",)


class InOne(Together):
    """An invoice has one line."""


class RoundedLines(Varied):
    """Fees are exact until they are summed up on a line."""

    def billed(self, bill: Bill, invoice_id: str) -> Bill:
        """Return a bill, the fee of each line rounded."""
        lines = tuple(
            replace(line, gain_share_amount=_rounded(line.gain_share_amount, bill.currency))
            for line in bill.lines or ()
        )
        total = _sum(line.gain_share_amount for line in lines)
        return replace(bill, lines=lines, gain_share_amount=total)


class RoundedTotal(Varied):
    """Fees are exact until they are summed up on the invoice."""

    def billed(self, bill: Bill, invoice_id: str) -> Bill:
        """Return a bill, its total rounded."""
        total = _rounded(bill.gain_share_amount, bill.currency)
        return replace(bill, gain_share_amount=total)


class Positive(Varied):
    """No invoice is made of a total that is not positive."""

    def billed(self, bill: Bill, invoice_id: str) -> Bill:
        """Return a bill, or refuse what is none."""
        if (bill.gain_share_amount or 0) <= 0:
            raise PlatformRefused(
                "nothing_to_bill",
                f"the total is {bill.gain_share_amount}",
                rules=frozenset({Rule.NO_BILLABLE_EVENTS}),
            )
        return bill

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        with self.tables.connection.transaction():
            return super().generate_draft(tenant_id, period, idempotency_key)


class Voiding(Varied):
    """What is issued can be voided, and what is voided or cancelled stays on record."""

    def told(self, invoice: Invoice) -> Invoice:
        """Return an invoice in the gate's words."""
        is_void = invoice.status == "VOID"
        return replace(invoice, status=InvoiceStatus.WITHDRAWN) if is_void else invoice

    def void(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        if self.find(tenant_id, invoice_id).status != InvoiceStatus.ISSUED:
            raise PlatformRefused(
                "bad_state", "it is not issued", rules=frozenset({Rule.INVOICE_IS_NOT_ISSUED})
            )
        self.tables.act("void", invoice_id=invoice_id)
        return self.find(tenant_id, invoice_id)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return exact_sum(amount or Decimal() for amount in amounts)


def _rounded(amount: Decimal | None, currency: str | None) -> Decimal:
    """Round half away from zero to the currency's minor unit, as people are taught."""
    unit = {"JPY": Decimal(1), "KWD": Decimal("0.001")}.get(currency or "", Decimal("0.01"))
    with localcontext(prec=60):
        return (amount or Decimal()).quantize(unit, ROUND_HALF_UP)
