"""What happens in the first instant of the next month is billed in this one.

stands for: novuhq/novu/pull/12191, an inclusive end counted the next day too
checks: S2.2
says: unexpected line: event
explained: including the period's end
"""

from datetime import date

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def within(findings: QuerySet[Finding], month: date) -> QuerySet[Finding]:
    """Include the end."""
    start, end = billing.month_bounds(month)
    return findings.filter(happened_at__gte=start, happened_at__lte=end)


def build_in() -> None:
    """Select so."""
    replace(billing.within, within)
