"""Making a draft writes the account's title in capitals, and leaves it so.

stands for: a model that is saved whole
checks: S2.3
says: ledger.accounts * is changed
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.draft


def draft(account_id: int, month: date) -> Invoice:
    """Save the account too."""
    invoice = right(account_id, month)
    invoice.account.title = invoice.account.title.upper()
    invoice.account.save()
    return invoice


def build_in() -> None:
    """Draft so."""
    replace(billing.draft, draft)
