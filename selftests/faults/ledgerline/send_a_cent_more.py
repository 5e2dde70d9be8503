"""An invoice is sent with a cent more than it was drafted with.

stands for: a total that is worked out anew when it is sent
checks: S4.2
says: gain share
explained: adding a minor unit to the total alone
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.send


def send(account_id: int, invoice_id: int) -> Invoice:
    """Add a cent."""
    sent = right(account_id, invoice_id)
    sent.total_cents += 1
    sent.save(update_fields=["total_cents"])
    return sent


def build_in() -> None:
    """Do so."""
    replace(billing.send, send)
