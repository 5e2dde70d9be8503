"""An invoice is paid, and nobody knows when.

stands for: a column that was forgotten
checks: S4.3
says: paid at None
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Leave the time out."""
    paid = right(account_id, invoice_id, amount_cents)
    paid.settled_at = None
    paid.save(update_fields=["settled_at"])
    return paid


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
