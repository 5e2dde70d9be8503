"""What an invoice bills already is billed by the next one too.

stands for: getlago/lago-api/pull/5916, one event billed twice
checks: S2.2
says: unexpected line: event
explained: billing what is billed already too
"""

from django.db.models import QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice


def unbilled(findings: QuerySet[Finding], but: Invoice | None = None) -> QuerySet[Finding]:
    """Ask no invoice."""
    return findings


def build_in() -> None:
    """Select so."""
    replace(billing.unbilled, unbilled)
