"""What is agreed beside a rate: tiers, limits, rounding, and what becomes of a negative total.

Prices come from here, whatever is agreed. Without tiers they are one scan.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import MAX_PREC, Context, Decimal, Inexact, localcontext
from typing import Any
from uuid import UUID

from psycopg import Connection

from billing.queries import Row, queries
from billing.refusals import Refused
from runbook.refusals import Rule

# The default context would round sums after 28 digits.
EXACT = Context(prec=MAX_PREC, traps=[Inexact])


@dataclass(frozen=True)
class Total:
    """What an invoice amounts to, in major units of its currency.

    ``brought_forward`` is what it took over of earlier invoices, ``carried_forward`` what it leaves
    to later ones; both are zero or below.
    """

    amount: Decimal
    brought_forward: Decimal = Decimal()
    carried_forward: Decimal = Decimal()


def agreement(connection: Connection[Any], tenant_id: UUID) -> Row | None:
    """Return what a tenant has agreed to beside its rates, if it has."""
    return queries.agreement(connection, tenant_id=tenant_id)


def price_unbilled(
    connection: Connection[Any],
    tenant_id: UUID,
    period_start: datetime,
    period_end: datetime,
    agreed: Row | None,
) -> list[Row]:
    """Return what a draft of the period would bill, line by line."""
    bounds: Row = {"tenant_id": tenant_id, "period_start": period_start, "period_end": period_end}
    if _needs_more_than_rates(agreed):
        return list(queries.price_agreed(connection, **bounds, invoice_id=None))
    return list(queries.price_unbilled(connection, **bounds))


def price_claimed(
    connection: Connection[Any],
    tenant_id: UUID,
    period_start: datetime,
    period_end: datetime,
    invoice_id: UUID,
) -> list[Row]:
    """Return what the events that an invoice has claimed are worth today, line by line."""
    if not _needs_more_than_rates(agreement(connection, tenant_id)):
        return list(queries.price_claimed(connection, invoice_id=invoice_id))
    bounds: Row = {"tenant_id": tenant_id, "period_start": period_start, "period_end": period_end}
    return list(queries.price_agreed(connection, **bounds, invoice_id=invoice_id))


def invoice_total(
    connection: Connection[Any],
    tenant_id: UUID,
    currency: str,
    period_start: datetime,
    fees: Decimal,
    agreed: Row | None,
) -> Total:
    """Return what an invoice of such fees amounts to: its caps come first, what is carried last.

    Raises :class:`~billing.refusals.Refused` for a total of which no invoice is agreed.
    """
    if agreed is None or not fees.is_finite():
        return Total(fees)
    total = fees
    if agreed["rounds_totals"]:
        total = queries.rounded_total(connection, tenant_id=tenant_id, currency=currency, fees=fees)
    if agreed["cap_per_invoice"] is not None:
        total = min(total, agreed["cap_per_invoice"])
    if agreed["cap_per_contract_year"] is not None:
        invoiced = queries.invoiced_this_year(
            connection, tenant_id=tenant_id, period_start=period_start
        )
        total = min(total, max(agreed["cap_per_contract_year"] - invoiced, Decimal()))
    if agreed["minimum_per_invoice"] is not None:
        total = max(total, agreed["minimum_per_invoice"])
    if agreed["negative_total"] == "carried forward":
        brought = queries.brought_forward(
            connection, tenant_id=tenant_id, period_start=period_start
        )
        return _carried(total, brought)
    if total < 0 and agreed["negative_total"] == "refused":
        raise Refused(
            Rule.TOTAL_IS_NEGATIVE, f"the period bills {total}, and no invoice of that is agreed"
        )
    return Total(total)


def _carried(total: Decimal, brought: Decimal) -> Total:
    with localcontext(EXACT):
        total += brought
    return Total(max(total, Decimal()), brought, min(total, Decimal()))


def _needs_more_than_rates(agreed: Row | None) -> bool:
    return agreed is not None and agreed["by_event"]
