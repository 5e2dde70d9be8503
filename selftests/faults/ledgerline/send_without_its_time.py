"""An invoice is sent, and nobody knows when.

stands for: a column that was forgotten
checks: S4.2
says: issued at None
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import allow, faulty, replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.send


def send(account_id: int, invoice_id: int) -> Invoice:
    """Leave the time out."""
    sent = right(account_id, invoice_id)
    sent.sent_at = None
    sent.save(update_fields=["sent_at"])
    return sent


def build_in() -> None:
    """Do so."""
    allow(faulty.allow_numbers_at_any_time)
    replace(billing.send, send)
