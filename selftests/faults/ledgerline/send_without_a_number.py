"""An invoice is sent without a number.

stands for: the rule that what a customer gets has a number
checks: S4.2
says: number: it is missing
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import allow, faulty, replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.send


def send(account_id: int, invoice_id: int) -> Invoice:
    """Leave the number out."""
    sent = right(account_id, invoice_id)
    sent.number = None
    sent.save(update_fields=["number"])
    return sent


def build_in() -> None:
    """Do so."""
    allow(faulty.allow_numbers_at_any_time)
    replace(billing.send, send)
