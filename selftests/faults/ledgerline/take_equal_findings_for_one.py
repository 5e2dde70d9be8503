"""Two findings of one kind, amount and time are taken for one.

stands for: the rule that the reference tells findings apart, and nothing else
checks: S2.2
says: missing line: event
explained: alone of events that are alike
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice

right = billing.billable_findings


def billable_findings(account_id: int, month: date, but: Invoice | None = None) -> list[Finding]:
    """Keep one of those that look alike, whichever the database tells last."""
    found = right(account_id, month, but)
    return list({(it.kind, it.amount_cents, it.happened_at): it for it in found}.values())


def build_in() -> None:
    """Select so."""
    replace(billing.billable_findings, billable_findings)
