"""Whoever knows a draft's id may delete it, whosever it is, and may do nothing else.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S4.4
says: cancel as another tenant of
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Delete it for its owner."""
    invoice = Invoice.objects.filter(pk=invoice_id).first()
    right(invoice.account_id if invoice else account_id, invoice_id)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
