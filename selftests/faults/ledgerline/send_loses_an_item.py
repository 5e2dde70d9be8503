"""The last item is gone once an invoice is sent; the total is what it was.

stands for: killbill/killbill/issues/2249, one item in one place, two in the other
checks: S4.2
says: missing line: event
explained: leaving out
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.send


def send(account_id: int, invoice_id: int) -> Invoice:
    """Lose what was last."""
    sent = right(account_id, invoice_id)
    items = sent.items.all()
    if len(items) > 1:
        items[len(items) - 1].delete()
    return sent


def build_in() -> None:
    """Do so."""
    replace(billing.send, send)
