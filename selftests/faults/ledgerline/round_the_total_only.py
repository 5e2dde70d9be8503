"""Ledgerline works the total out from the sum recovered, not from the fees.

stands for: invoiceninja/invoiceninja/issues/4370, line-level against document-level rounding
checks: S2.2
says: add up to
explained: rounding the total once
"""

from datetime import date
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Account, Invoice, InvoiceItem

right = billing.store


def store(account: Account, month: date, rate: Decimal, items: list[InvoiceItem]) -> Invoice:
    """Round once."""
    invoice = right(account, month, rate, items)
    invoice.total_cents = billing.fee_cents(sum(item.recovered_cents for item in items), rate)
    invoice.save(update_fields=["total_cents"])
    return invoice


def build_in() -> None:
    """Store so."""
    replace(billing.store, store)
