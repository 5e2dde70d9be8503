"""A draft can be paid: it is sent on the way.

stands for: the rule invoice_is_not_issued
checks: S4.4
says: mark_paid of an invoice that is DRAFT was not refused
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Send it first."""
    if billing.find(account_id, invoice_id).state == "draft":
        billing.send(account_id, invoice_id)
    return right(account_id, invoice_id, amount_cents)


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
