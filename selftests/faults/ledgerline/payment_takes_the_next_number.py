"""An invoice takes another number when it is paid.

stands for: bcgov/sbc-pay/pull/2417, a second reference
checks: S4.3
says: number
tenant: empty
"""

from django.db import transaction

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.pay


@transaction.atomic
def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Number the receipt, in the wrong column."""
    paid = right(account_id, invoice_id, amount_cents)
    paid.number = billing.next_number(paid.month.year)
    paid.save(update_fields=["number"])
    return paid


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
