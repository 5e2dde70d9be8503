"""A draft has a number already, and keeps it when it is sent.

stands for: erp-mafia/accounted/issues/372, drafts that are deleted use up numbers
checks: S2.1
says: number
"""

from datetime import date
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import allow, faulty, replace
from selftests.platforms.ledgerline.models import Account, Invoice, InvoiceItem

right = billing.store


def store(account: Account, month: date, rate: Decimal, items: list[InvoiceItem]) -> Invoice:
    """Give it the next number at once."""
    invoice = right(account, month, rate, items)
    invoice.number = billing.next_number(month.year)
    invoice.save(update_fields=["number"])
    return invoice


def build_in() -> None:
    """Store so."""
    allow(faulty.allow_numbers_at_any_time)
    replace(billing.store, store)
