"""A payment goes to the oldest invoice that is open, with its own total.

stands for: bcgov/sbc-pay/pull/2417, a payment under another's reference
checks: S4.3
says: another invoice was answered
tenant: billed_before
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Pay what has waited longest."""
    oldest = billing.invoices_of(account_id).filter(state="sent").order_by("pk").first()
    if oldest is None or billing.find(account_id, invoice_id).state != "sent":
        return right(account_id, invoice_id, amount_cents)
    return right(account_id, oldest.pk, oldest.total_cents)


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
