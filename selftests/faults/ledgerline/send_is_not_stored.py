"""That an invoice was sent is answered, and not stored.

stands for: a transaction that is rolled back after the answer was made
checks: S4.4
says: DRAFT
tenant: empty
"""

from django.db import transaction

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.send


def send(account_id: int, invoice_id: int) -> Invoice:
    """Take it back behind the answer."""
    with transaction.atomic():
        sent = right(account_id, invoice_id)
        transaction.set_rollback(True)
    return sent


def build_in() -> None:
    """Do so."""
    replace(billing.send, send)
