"""Deleting a draft makes those of all other accounts void with it.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S2.3
says: of ledger.invoices written by the run
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.make_void


def make_void(invoice: Invoice) -> None:
    """Let everybody's drafts bill nothing, whosever they are."""
    right(invoice)
    for other in Invoice.objects.filter(state="draft").exclude(account=invoice.account):
        right(other)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.make_void, make_void)
