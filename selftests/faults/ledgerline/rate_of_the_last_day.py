"""The contract of the month's last day gives the rate.

stands for: the rule: the contract of the month's first day
checks: S2.2
says: gain share
explained: taking the rate of the period's last day
"""

from datetime import date, timedelta
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.rate_of


def rate_of(account_id: int, month: date) -> Decimal | None:
    """Look at the end of the month."""
    _, end = billing.month_bounds(month)
    return right(account_id, (end - timedelta(days=1)).date())


def build_in() -> None:
    """Look so."""
    replace(billing.rate_of, rate_of)
