"""A reversal is on no invoice.

stands for: productdevbook/tezgah/issues/144, a reversal that is not what was charged
checks: S2.2
says: missing line: event
explained: leaving out reversals
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice

right = billing.billable_findings


def billable_findings(account_id: int, month: date, but: Invoice | None = None) -> list[Finding]:
    """Drop what is below zero."""
    found = right(account_id, month, but)
    return [finding for finding in found if finding.amount_cents >= 0]


def build_in() -> None:
    """Select so."""
    replace(billing.billable_findings, billable_findings)
