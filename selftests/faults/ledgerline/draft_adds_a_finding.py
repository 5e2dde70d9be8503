"""Making a draft adds a finding for the difference to whole dollars, of the month after.

stands for: aerele/jarvis/pull/198, a call that queued what nobody asked for
checks: S2.3
says: ledger.findings * is new
"""

from datetime import date
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Account, Finding, Invoice, InvoiceItem

right = billing.store


def store(account: Account, month: date, rate: Decimal, items: list[InvoiceItem]) -> Invoice:
    """Carry the rest over."""
    invoice = right(account, month, rate, items)
    _, end = billing.month_bounds(month)
    Finding.objects.create(
        account=account,
        kind="rounding",
        state="recovered",
        amount_cents=invoice.total_cents % 100,
        happened_at=end,
        reference=f"rounding-{invoice.pk}",
    )
    return invoice


def build_in() -> None:
    """Draft so."""
    replace(billing.store, store)
