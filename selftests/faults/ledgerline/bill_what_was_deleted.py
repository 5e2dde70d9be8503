"""What was softly deleted is billed all the same.

stands for: PostHog/posthog/pull/49411, soft-deleted rows are billed
checks: S2.2
says: unexpected line: event
explained: billing what is not billable too
"""

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def recovered(account_id: int) -> QuerySet[Finding]:
    """Do not look at the mark."""
    return Finding.objects.filter(account=account_id, state="recovered")


def build_in() -> None:
    """Select so."""
    replace(billing.recovered, recovered)
