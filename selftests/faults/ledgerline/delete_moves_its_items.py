"""Deleting a draft moves what it billed to another draft of the account.

stands for: frappe/books/issues/129, entries that stayed when their invoice went
checks: S2.3
says: ledger.invoice_items
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import InvoiceItem

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Save the work for later."""
    right(account_id, invoice_id)
    other = billing.invoices_of(account_id).filter(state="draft").first()
    if other is not None:
        InvoiceItem.objects.filter(invoice=invoice_id).update(invoice=other)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
