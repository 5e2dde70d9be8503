"""Taking an invoice back is answered as done, and nothing is.

stands for: own-pay/OwnPay/issues/184, a state that does not move
checks: S4.5
says: ISSUED
tenant: empty
"""

from django.db import transaction

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.void


def void(account_id: int, invoice_id: int) -> Invoice:
    """Answer what was asked for."""
    with transaction.atomic():
        void = right(account_id, invoice_id)
        transaction.set_rollback(True)
    return void


def build_in() -> None:
    """Do so."""
    replace(billing.void, void)
