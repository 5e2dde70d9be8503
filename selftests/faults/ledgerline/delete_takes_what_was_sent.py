"""What was sent can be deleted like a draft.

stands for: the rule that an invoice in the customer's books is taken back by a void
checks: S4.4
says: cancel of an invoice that is ISSUED was not refused
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Look for drafts, and for what was sent."""
    if billing.find(account_id, invoice_id).state == "sent":
        billing.void(account_id, invoice_id)
    else:
        right(account_id, invoice_id)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
