"""An invoice that is sent twice at the same moment is sent twice, under two numbers.

stands for: getlago/lago-api/pull/5523, double finalisation advanced the number twice
checks: S4.4
says: issue, asked for twice at once, was done twice
tenant: empty
"""

from django.db import transaction

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import Meeting, replace
from selftests.platforms.ledgerline.models import Invoice

meeting = Meeting()
right = billing.send


@transaction.atomic
def send(account_id: int, invoice_id: int) -> Invoice:
    """Go by what was read before the other one came."""
    invoice = billing.find(account_id, invoice_id)
    billing.demand_state(invoice, "draft")
    meeting.wait()
    billing.invoices_of(account_id).filter(pk=invoice_id).update(state=invoice.state)
    return right(account_id, invoice_id)


def build_in() -> None:
    """Look too early."""
    replace(billing.send, send)
