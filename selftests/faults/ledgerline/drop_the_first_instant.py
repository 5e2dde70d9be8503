"""What happens in the first instant of the month is not billed.

stands for: an edge that belongs to no month
checks: S2.2
says: missing line: event
explained: excluding the period's start
"""

from datetime import date

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def within(findings: QuerySet[Finding], month: date) -> QuerySet[Finding]:
    """Exclude the start."""
    start, end = billing.month_bounds(month)
    return findings.filter(happened_at__gt=start, happened_at__lt=end)


def build_in() -> None:
    """Select so."""
    replace(billing.within, within)
