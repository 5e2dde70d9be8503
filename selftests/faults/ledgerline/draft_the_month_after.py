"""The draft is of the month after the one that was asked for.

stands for: an off-by-one between months from 0 and months from 1
checks: S2.1
says: period
explained: billing the period after it
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.draft


def draft(account_id: int, month: date) -> Invoice:
    """Add one."""
    _, end = billing.month_bounds(month)
    return right(account_id, end.date())


def build_in() -> None:
    """Draft so."""
    replace(billing.draft, draft)
