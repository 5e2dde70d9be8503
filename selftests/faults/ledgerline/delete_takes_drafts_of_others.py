"""Deleting a draft deletes those of all other accounts.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S2.3
says: invoices of other tenants
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Delete by the state, whosever it is."""
    right(account_id, invoice_id)
    for other in Invoice.objects.filter(state="draft").exclude(account=account_id):
        right(other.account_id, other.pk)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
