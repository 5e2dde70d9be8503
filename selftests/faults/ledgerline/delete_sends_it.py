"""Deleting a draft sends it.

stands for: a handler that was wired to the wrong button
checks: S2.3
says: is still
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.cancel


def cancel(account_id: int, invoice_id: int) -> None:
    """Do the other thing."""
    billing.send(account_id, invoice_id)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
