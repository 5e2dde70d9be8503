"""Deleting a draft deletes those of other months too.

stands for: dust-tt/dust/pull/28358, cleaning that does not know what is its own
checks: S2.3
says: ledger.invoices * is changed
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Delete by the state."""
    right(account_id, invoice_id)
    for other in billing.invoices_of(account_id).filter(state="draft"):
        right(account_id, other.pk)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
