"""Each finding is billed at the rate of its own day.

stands for: the rule: one rate for the whole month, that of its first day
checks: S2.2
says: gain share
explained: taking the rate of each event's own date
"""

from collections.abc import Iterable
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, InvoiceItem

right = billing.priced


def priced(findings: Iterable[Finding], rate_percent: Decimal) -> list[InvoiceItem]:
    """Look for a contract each time."""
    items: list[InvoiceItem] = []
    for finding in findings:
        contract = billing.contract_on(finding.account_id, finding.happened_at.date())
        items += right([finding], contract.rate_percent if contract else rate_percent)
    return items


def build_in() -> None:
    """Price so."""
    replace(billing.priced, priced)
