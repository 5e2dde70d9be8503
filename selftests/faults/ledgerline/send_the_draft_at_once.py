"""A draft is sent as soon as it is made.

stands for: the rule that somebody looks at a draft before the customer does
checks: S2.1
says: status
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.draft


def draft(account_id: int, month: date) -> Invoice:
    """Wait for nobody."""
    return billing.send(account_id, right(account_id, month).pk)


def build_in() -> None:
    """Draft so."""
    replace(billing.draft, draft)
