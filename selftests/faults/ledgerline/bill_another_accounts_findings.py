"""Findings of every account are billed to whoever is billed first.

stands for: flexprice/flexprice/pull/2516, a cross-tenant line item
checks: S2.2
says: unexpected line: event
explained: billing what is none of the tenant's
"""

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding


def recovered(account_id: int) -> QuerySet[Finding]:
    """Do not look whose it is."""
    return Finding.objects.filter(state="recovered", deleted_at=None)


def build_in() -> None:
    """Select so."""
    replace(billing.recovered, recovered)
