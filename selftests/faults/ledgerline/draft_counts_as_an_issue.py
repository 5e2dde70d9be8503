"""A draft takes the year's next number from the counter, and has none.

stands for: invoiceninja/invoiceninja/issues/2395, drafts that use up numbers of a counter row
checks: S2.3
says: a final number is gone: ledger.counters counts them
"""

from datetime import date
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Account, Invoice, InvoiceItem

right = billing.store


def store(account: Account, month: date, rate: Decimal, items: list[InvoiceItem]) -> Invoice:
    """Count on, for nobody."""
    billing.next_number(month.year)
    return right(account, month, rate, items)


def build_in() -> None:
    """Store so."""
    replace(billing.store, store)
