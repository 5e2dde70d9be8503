"""A finding of zero is on no invoice.

stands for: the rule that every finding of the month is claimed, also for nothing
checks: S2.2
says: missing line: event
explained: leaving out amounts of zero
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice

right = billing.billable_findings


def billable_findings(account_id: int, month: date, but: Invoice | None = None) -> list[Finding]:
    """Drop what costs nothing."""
    found = right(account_id, month, but)
    return [finding for finding in found if finding.amount_cents]


def build_in() -> None:
    """Select so."""
    replace(billing.billable_findings, billable_findings)
