"""A month that has a draft gets another one, of the same findings.

stands for: getlago/lago-api/pull/1988, a billing job that was queued twice
checks: S4.4
says: a second draft
tenant: empty
"""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import allow, faulty, replace
from selftests.platforms.ledgerline.models import Finding, Invoice, InvoiceItem


def demand_free(account_id: int, month: date) -> None:
    """Find every month free."""


def unbilled(findings: QuerySet[Finding], but: Invoice | None = None) -> QuerySet[Finding]:
    """Take an item for a claim once its invoice is sent."""
    claims = InvoiceItem.objects.exclude(invoice__state__in=("void", "draft"))
    return findings.exclude(Exists(claims.filter(finding=OuterRef("pk"))))


def build_in() -> None:
    """Demand nothing."""
    allow(faulty.allow_several_invoices_a_month)
    replace(billing.demand_free, demand_free)
    replace(billing.unbilled, unbilled)
