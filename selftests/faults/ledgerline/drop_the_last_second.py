"""A month ends with its last whole second.

stands for: killbill/killbill/issues/1438, usage on the last day dropped
checks: S2.2
says: missing line: event
explained: ending the period at 23:59:59
"""

from datetime import date, timedelta

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def within(findings: QuerySet[Finding], month: date) -> QuerySet[Finding]:
    """End at 23:59:59."""
    start, end = billing.month_bounds(month)
    return findings.filter(happened_at__gte=start, happened_at__lte=end - timedelta(seconds=1))


def build_in() -> None:
    """Select so."""
    replace(billing.within, within)
