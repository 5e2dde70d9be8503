"""An invoice that is paid twice at the same moment has two payments.

stands for: hmislk/hmis/pull/23833, double submit, duplicate payments
checks: S4.4
says: mark_paid, asked for twice at once, was done twice
tenant: empty
"""

from django.db import transaction

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import Meeting, replace
from selftests.platforms.ledgerline.models import Invoice

meeting = Meeting()
right = billing.pay


@transaction.atomic
def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Go by what was read before the other one came."""
    invoice = billing.find(account_id, invoice_id)
    billing.demand_state(invoice, "sent")
    meeting.wait()
    billing.invoices_of(account_id).filter(pk=invoice_id).update(state=invoice.state)
    return right(account_id, invoice_id, amount_cents)


def build_in() -> None:
    """Look too early."""
    replace(billing.pay, pay)
