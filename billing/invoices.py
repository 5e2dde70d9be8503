"""Gain-share invoices: preview, draft, cancel, issue, mark paid.

Each call is one transaction, or one savepoint where the caller's transaction is open already.
A call either does all it says or raises :class:`~billing.refusals.Refused` and writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.errors import ExclusionViolation

from billing.agreements import EXACT, Total, agreement, invoice_total, price_claimed, price_unbilled
from billing.queries import Row, queries
from billing.refusals import Refused
from runbook.refusals import Rule


@dataclass(frozen=True)
class Line:
    """What one finding type earns at one rate.

    Amounts are in major units of the invoice's currency; ``rate`` is a share from 0 to 1.
    """

    finding_type: str
    rate: Decimal
    event_count: int
    recovered_amount: Decimal
    gain_share_amount: Decimal


@dataclass(frozen=True)
class Preview:
    """What a draft of the period would be: its lines, their exact sums, and what that amounts to.

    What is brought and carried forward is zero or below; ``events_digest`` is the sum of the hashes
    of the events' ids.
    """

    tenant_id: UUID
    period_start: datetime
    period_end: datetime
    currency: str
    event_count: int
    recovered_amount: Decimal
    gain_share_amount: Decimal
    brought_forward: Decimal
    carried_forward: Decimal
    events_digest: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Invoice:
    """An invoice as it is stored. ``status`` is DRAFT, ISSUED or PAID."""

    id: UUID
    tenant_id: UUID
    invoice_number: str
    status: str
    currency: str
    period_start: datetime
    period_end: datetime
    event_count: int
    recovered_amount: Decimal
    gain_share_amount: Decimal
    brought_forward: Decimal
    carried_forward: Decimal
    events_digest: Decimal
    created_at: datetime
    issued_at: datetime | None
    paid_at: datetime | None
    lines: tuple[Line, ...]


def preview(
    connection: Connection[Any], tenant_id: UUID, period_start: datetime, period_end: datetime
) -> Preview:
    """Return what :func:`generate_draft` would bill, and refuse what it would refuse."""
    _demand_period(period_start, period_end)
    _demand_active(connection, tenant_id)
    _demand_free_period(connection, tenant_id, period_start, period_end)
    agreed = agreement(connection, tenant_id)
    rows = price_unbilled(connection, tenant_id, period_start, period_end, agreed)
    _demand_billable(rows)
    currency, fees = rows[0]["currency"], _total(rows, "gain_share_amount")
    total = invoice_total(connection, tenant_id, currency, period_start, fees, agreed)
    return Preview(
        tenant_id=tenant_id,
        period_start=period_start,
        period_end=period_end,
        currency=currency,
        event_count=sum(row["event_count"] for row in rows),
        recovered_amount=_total(rows, "recovered_amount"),
        gain_share_amount=total.amount,
        brought_forward=total.brought_forward,
        carried_forward=total.carried_forward,
        events_digest=_total(rows, "events_digest"),
        lines=_lines(rows),
    )


def generate_draft(
    connection: Connection[Any],
    tenant_id: UUID,
    period_start: datetime,
    period_end: datetime,
    idempotency_key: str | None = None,
) -> Invoice:
    """Store a draft of the period: one invoice and a few lines, nothing per event.

    A repeat with the key of an earlier call, also one at the same moment, returns the invoice that
    the first one made, as it is now; the key is refused for any other tenant or period.
    """
    with connection.transaction():
        _demand_period(period_start, period_end)
        if idempotency_key is not None:
            made = _made_with_key(connection, idempotency_key)
            if made is not None:
                _demand_same_creation(made, tenant_id, period_start, period_end)
                return find(connection, tenant_id, made["id"])
        # Drafts of one tenant take turns: the constraint alone would let waiting ones deadlock.
        queries.lock_tenant(connection, tenant_id=tenant_id)
        priced = preview(connection, tenant_id, period_start, period_end)
        invoice_id = _store_draft(connection, priced, idempotency_key)
        return find(connection, tenant_id, invoice_id)


def find(connection: Connection[Any], tenant_id: UUID, invoice_id: UUID) -> Invoice:
    """Return the tenant's invoice as stored."""
    row = queries.find_invoice(connection, invoice_id=invoice_id, tenant_id=tenant_id)
    if row is None:
        raise _not_found(tenant_id, invoice_id)
    lines = _lines(queries.invoice_lines(connection, invoice_id=invoice_id))
    return Invoice(**row, lines=lines)


def cancel(connection: Connection[Any], tenant_id: UUID, invoice_id: UUID) -> None:
    """Remove a draft and its lines as if it had never been."""
    with connection.transaction():
        _demand_status(_locked(connection, tenant_id, invoice_id), "DRAFT")
        queries.delete_lines(connection, invoice_id=invoice_id)
        queries.delete_draft(connection, invoice_id=invoice_id, tenant_id=tenant_id)


def issue(connection: Connection[Any], tenant_id: UUID, invoice_id: UUID) -> Invoice:
    """Make a draft final: claim its events and give it the tenant's next number."""
    with connection.transaction():
        queries.lock_tenant(connection, tenant_id=tenant_id)
        draft = _locked(connection, tenant_id, invoice_id)
        _demand_status(draft, "DRAFT")
        _demand_active(connection, tenant_id)
        issued_at = queries.clock(connection)
        queries.claim_events(
            connection,
            invoice_id=invoice_id,
            tenant_id=tenant_id,
            period_start=draft.period_start,
            period_end=draft.period_end,
            billed_at=issued_at,
        )
        claimed = price_claimed(
            connection, tenant_id, draft.period_start, draft.period_end, invoice_id
        )
        _demand_fresh(connection, draft, claimed)
        number = queries.last_final_number(connection, tenant_id=tenant_id) + 1
        queries.mark_issued(
            connection,
            invoice_id=invoice_id,
            invoice_number=f"INV-{number:06d}",
            issued_at=issued_at,
        )
        return find(connection, tenant_id, invoice_id)


def mark_paid(connection: Connection[Any], tenant_id: UUID, invoice_id: UUID) -> Invoice:
    """Record that an issued invoice was paid; nothing else moves."""
    with connection.transaction():
        _demand_status(_locked(connection, tenant_id, invoice_id), "ISSUED")
        queries.mark_paid(connection, invoice_id=invoice_id)
        return find(connection, tenant_id, invoice_id)


def _made_with_key(connection: Connection[Any], idempotency_key: str) -> Row | None:
    queries.lock_idempotency_key(connection, idempotency_key=idempotency_key)
    return queries.made_with_key(connection, idempotency_key=idempotency_key)


def _store_draft(connection: Connection[Any], priced: Preview, idempotency_key: str | None) -> UUID:
    invoice_id = uuid4()
    start = priced.period_start.astimezone(UTC)
    try:
        queries.insert_draft(
            connection,
            invoice_id=invoice_id,
            tenant_id=priced.tenant_id,
            invoice_number=f"DRAFT-{start:%Y-%m}-{invoice_id.hex[:8]}",
            currency=priced.currency,
            period_start=priced.period_start,
            period_end=priced.period_end,
            event_count=priced.event_count,
            recovered_amount=priced.recovered_amount,
            gain_share_amount=priced.gain_share_amount,
            brought_forward=priced.brought_forward,
            carried_forward=priced.carried_forward,
            events_digest=priced.events_digest,
            idempotency_key=idempotency_key,
        )
    except ExclusionViolation as error:
        raise Refused(
            Rule.PERIOD_OVERLAPS_INVOICE,
            f"another invoice of tenant {priced.tenant_id} took the period at the same moment",
        ) from error
    queries.insert_lines(
        connection,
        invoice_id=invoice_id,
        finding_types=[line.finding_type for line in priced.lines],
        rates=[line.rate for line in priced.lines],
        event_counts=[line.event_count for line in priced.lines],
        recovered_amounts=[line.recovered_amount for line in priced.lines],
        gain_share_amounts=[line.gain_share_amount for line in priced.lines],
    )
    return invoice_id


def _locked(connection: Connection[Any], tenant_id: UUID, invoice_id: UUID) -> Invoice:
    if queries.lock_invoice(connection, invoice_id=invoice_id, tenant_id=tenant_id) is None:
        raise _not_found(tenant_id, invoice_id)
    return find(connection, tenant_id, invoice_id)


def _not_found(tenant_id: UUID, invoice_id: UUID) -> Refused:
    return Refused(Rule.INVOICE_NOT_FOUND, f"tenant {tenant_id} has no invoice {invoice_id}")


def _demand_period(period_start: datetime, period_end: datetime) -> None:
    if period_start >= period_end:
        raise Refused(
            Rule.PERIOD_IS_EMPTY,
            f"the period's end {period_end.isoformat()} is not after its start "
            f"{period_start.isoformat()}",
        )


def _demand_same_creation(
    made: Row, tenant_id: UUID, period_start: datetime, period_end: datetime
) -> None:
    first = (made["tenant_id"], made["period_start"], made["period_end"])
    if first != (tenant_id, period_start, period_end):
        raise Refused(
            Rule.IDEMPOTENCY_KEY_REUSED,
            "the key made the invoice of another tenant or period: use a new key",
        )


def _demand_active(connection: Connection[Any], tenant_id: UUID) -> None:
    status = queries.tenant_status(connection, tenant_id=tenant_id)
    if status is None:
        raise Refused(Rule.TENANT_NOT_FOUND, f"there is no tenant {tenant_id}")
    if status != "active":
        raise Refused(Rule.TENANT_IS_NOT_ACTIVE, f"tenant {tenant_id} is {status}")


def _demand_free_period(
    connection: Connection[Any], tenant_id: UUID, period_start: datetime, period_end: datetime
) -> None:
    taken = queries.overlapping_invoice(
        connection, tenant_id=tenant_id, period_start=period_start, period_end=period_end
    )
    if taken is not None:
        raise Refused(
            Rule.PERIOD_OVERLAPS_INVOICE,
            f"{taken['invoice_number']} ({taken['status']}) bills "
            f"{taken['period_start'].isoformat()} to {taken['period_end'].isoformat()}",
        )


def _demand_billable(rows: list[Row]) -> None:
    if not rows:
        raise Refused(Rule.NO_BILLABLE_EVENTS, "the period has no billable event")
    for row in rows:
        # A sum is finite exactly if every amount in it is.
        if not row["recovered_amount"].is_finite():
            raise Refused(
                Rule.EVENT_AMOUNT_IS_NOT_FINITE,
                f"a {row['finding_type']} event has an amount that is not a number",
            )
    for row in rows:
        if row["rate"] is None:
            raise Refused(
                Rule.EVENT_HAS_NO_TERMS,
                f"{row['event_count']} {row['finding_type']} event(s) in {row['currency']} "
                f"have no terms on their date",
            )
    currencies = sorted({row["currency"] for row in rows})
    if len(currencies) > 1:
        raise Refused(
            Rule.EVENTS_IN_SEVERAL_CURRENCIES,
            f"one invoice has one currency, the period has {', '.join(currencies)}",
        )


def _demand_status(invoice: Invoice, status: str) -> None:
    if invoice.status != status:
        rule = Rule.INVOICE_IS_NOT_DRAFT if status == "DRAFT" else Rule.INVOICE_IS_NOT_ISSUED
        raise Refused(rule, f"{invoice.invoice_number} is {invoice.status}, not {status}")


def _demand_fresh(connection: Connection[Any], draft: Invoice, claimed: list[Row]) -> None:
    same_events = _total(claimed, "events_digest") == draft.events_digest
    same_currency = {row["currency"] for row in claimed} == {draft.currency}
    same_lines = _lines(claimed) == draft.lines
    if not (same_events and same_currency and same_lines and _same_total(connection, draft)):
        raise Refused(
            Rule.DRAFT_IS_STALE,
            f"the period's events or terms changed since {draft.invoice_number} was made: "
            f"cancel it and make a new draft",
        )


def _same_total(connection: Connection[Any], draft: Invoice) -> bool:
    """Tell whether what is agreed, left of the year and brought forward is as when it was made."""
    fees = _total((vars(line) for line in draft.lines), "gain_share_amount")
    agreed = agreement(connection, draft.tenant_id)
    total = invoice_total(
        connection, draft.tenant_id, draft.currency, draft.period_start, fees, agreed
    )
    return total == Total(draft.gain_share_amount, draft.brought_forward, draft.carried_forward)


def _total(rows: Iterable[Row], column: str) -> Decimal:
    """The exact sum of a column."""
    with localcontext(EXACT):
        return sum((row[column] for row in rows), Decimal())


def _lines(rows: Iterable[Row]) -> tuple[Line, ...]:
    return tuple(
        Line(
            finding_type=row["finding_type"],
            rate=row["rate"],
            event_count=row["event_count"],
            recovered_amount=row["recovered_amount"],
            gain_share_amount=row["gain_share_amount"],
        )
        for row in rows
    )
