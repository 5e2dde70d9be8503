"""What was sent is sent again, under the next number.

stands for: getlago/lago-api/pull/5523, a finalisation that was done twice
checks: S4.4
says: issue of an invoice that is ISSUED was not refused
tenant: empty
"""

from django.db import transaction

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.send


@transaction.atomic
def send(account_id: int, invoice_id: int) -> Invoice:
    """Send whatever it is."""
    invoice = billing.find(account_id, invoice_id)
    if invoice.state != "sent":
        return right(account_id, invoice_id)
    invoice.number = billing.next_number(invoice.month.year)
    invoice.save(update_fields=["number"])
    return invoice


def build_in() -> None:
    """Do so."""
    replace(billing.send, send)
