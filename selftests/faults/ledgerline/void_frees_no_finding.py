"""What was billed by an invoice that was sent and taken back is never billed again.

stands for: saeloun/miru-web/pull/1220, entries that were left unbillable
checks: S4.5
says: no_billable_events
tenant: empty
"""

from django.db.models import Exists, OuterRef, QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice, InvoiceItem


def unbilled(findings: QuerySet[Finding], but: Invoice | None = None) -> QuerySet[Finding]:
    """Take every number for a claim."""
    claims = InvoiceItem.objects.exclude(invoice__state="void", invoice__number=None)
    claims = claims.exclude(invoice=but)
    return findings.exclude(Exists(claims.filter(finding=OuterRef("pk"))))


def build_in() -> None:
    """Select so."""
    replace(billing.unbilled, unbilled)
