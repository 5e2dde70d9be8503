"""Only the first ten findings of a month are billed.

stands for: a list that was read one page of
checks: S2.2
says: missing line: event
explained: billing the first 10 events alone
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice

right = billing.billable_findings


def billable_findings(account_id: int, month: date, but: Invoice | None = None) -> list[Finding]:
    """Forget to ask for more."""
    found = right(account_id, month, but)
    return found[:10]


def build_in() -> None:
    """Select so."""
    replace(billing.billable_findings, billable_findings)
