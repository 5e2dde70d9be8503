"""What a void invoice billed is never billed again.

stands for: getlago/lago-api/pull/4089, a voided invoice blocked rebilling
checks: S2.2
says: missing line: event
explained: leaving out one event
"""

from django.db.models import Exists, OuterRef, QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice, InvoiceItem


def unbilled(findings: QuerySet[Finding], but: Invoice | None = None) -> QuerySet[Finding]:
    """Take every item for a claim."""
    claims = InvoiceItem.objects.exclude(invoice=but)
    return findings.exclude(Exists(claims.filter(finding=OuterRef("pk"))))


def build_in() -> None:
    """Select so."""
    replace(billing.unbilled, unbilled)
