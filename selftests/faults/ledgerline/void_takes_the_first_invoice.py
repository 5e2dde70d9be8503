"""Taking an invoice back takes the oldest one that is open.

stands for: getlago/lago-api/pull/5495, a void that hit what it should not
checks: S4.5 S4.4
says: another invoice was answered
tenant: billed_before
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.void


def void(account_id: int, invoice_id: int) -> Invoice:
    """Void what has waited longest."""
    oldest = billing.invoices_of(account_id).filter(state="sent").order_by("pk").first()
    if oldest is None or billing.find(account_id, invoice_id).state != "sent":
        return right(account_id, invoice_id)
    return right(account_id, oldest.pk)


def build_in() -> None:
    """Do so."""
    replace(billing.void, void)
