"""An invoice that is paid has a total 2 % lower, for cash.

stands for: a discount that nobody agreed on
checks: S4.3
says: gain share
explained: nothing
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Give a discount."""
    paid = right(account_id, invoice_id, amount_cents)
    paid.total_cents -= paid.total_cents // 50
    paid.save(update_fields=["total_cents"])
    return paid


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
