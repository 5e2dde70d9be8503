"""What the carrier rejected is billed too.

stands for: ColoredCow/portal/issues/1540, a list of statuses that was not thought through
checks: S2.2
says: unexpected line: event
explained: billing what is rejected
"""

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def recovered(account_id: int) -> QuerySet[Finding]:
    """Leave out one word, and not the other."""
    return Finding.objects.filter(account=account_id, deleted_at=None).exclude(state="identified")


def build_in() -> None:
    """Select so."""
    replace(billing.recovered, recovered)
