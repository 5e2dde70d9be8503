"""Deleting a draft is answered as done, and nothing is.

stands for: own-pay/OwnPay/issues/184, a state that does not move
checks: S2.3
says: is still
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Find it, and leave it."""
    billing.find(account_id, invoice_id)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
