"""A second payment of an invoice is taken, and booked.

stands for: hmislk/hmis/pull/23833, double submit, duplicate payments
checks: S4.4
says: mark_paid of an invoice that is PAID was not refused
tenant: empty
"""

from django.utils.timezone import now

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice, Payment

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Take money for what is paid."""
    invoice = billing.find(account_id, invoice_id)
    if invoice.state != "paid":
        return right(account_id, invoice_id, amount_cents)
    Payment.objects.create(invoice=invoice, amount_cents=amount_cents, paid_at=now())
    return invoice


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
