"""That an invoice was paid is answered, and not stored.

stands for: a transaction that is rolled back after the answer was made
checks: S4.4
says: PAID
tenant: empty
"""

from django.db import transaction

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Take it back behind the answer."""
    with transaction.atomic():
        paid = right(account_id, invoice_id, amount_cents)
        transaction.set_rollback(True)
    return paid


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
