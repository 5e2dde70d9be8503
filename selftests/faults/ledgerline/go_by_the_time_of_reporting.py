"""What was reported in the month is billed, whenever it happened.

stands for: killbill/killbill/issues/876, usage that arrives late
checks: S2.2
says: unexpected line: event
explained: looking at created_at in the place of occurred_at
"""

from datetime import date

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def within(findings: QuerySet[Finding], month: date) -> QuerySet[Finding]:
    """Look when the row was made."""
    start, end = billing.month_bounds(month)
    return findings.filter(created_at__gte=start, created_at__lt=end)


def build_in() -> None:
    """Select so."""
    replace(billing.within, within)
