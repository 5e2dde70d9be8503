"""What may be recovered one day is billed already.

stands for: the rule that a gain is shared once there is one
checks: S2.2
says: unexpected line: event
explained: billing what is identified
"""

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def recovered(account_id: int) -> QuerySet[Finding]:
    """Do not wait for the money."""
    return Finding.objects.filter(
        account=account_id, state__in=("recovered", "identified"), deleted_at=None
    )


def build_in() -> None:
    """Select so."""
    replace(billing.recovered, recovered)
