"""Months begin and end at midnight in Toronto.

stands for: killbill/killbill/pull/1856, a non-UTC account billed twice
checks: S2.2
says: missing line: event
explained: by the clock of New York
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

TORONTO = ZoneInfo("America/Toronto")
right = billing.month_bounds


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """Take the clock on the wall."""
    start, end = right(month)
    return start.replace(tzinfo=TORONTO), end.replace(tzinfo=TORONTO)


def build_in() -> None:
    """Look at that clock."""
    replace(billing.month_bounds, month_bounds)
