"""Deleting a draft deletes what it billed, for good.

stands for: vmware-tanzu/sonobuoy/issues/42, cleaning that takes too much
checks: S2.3
says: ledger.findings * is gone
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, InvoiceItem

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Remove the items, and what they name."""
    billed = [item.finding_id for item in billing.find(account_id, invoice_id).items.all()]
    right(account_id, invoice_id)
    InvoiceItem.objects.filter(finding__in=billed).delete()
    Finding.objects.filter(pk__in=billed).delete()


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
