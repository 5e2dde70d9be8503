"""Deleting a draft marks what it billed as deleted too, so that nobody bills it again.

stands for: saeloun/miru-web/pull/1220, a deleted draft left its entries unbillable
checks: S2.3
says: ledger.findings * is changed
"""

from django.utils.timezone import now

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Pass the mark on."""
    right(account_id, invoice_id)
    billed = Finding.objects.filter(invoiceitem__invoice=invoice_id)
    billed.update(deleted_at=now())


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
