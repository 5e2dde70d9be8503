"""Whoever asks for a draft gets another one, of the next month, unasked.

stands for: getlago/lago-api/pull/958, two invoices
checks: S2.1
says: 2 new invoices stored
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.draft


def draft(account_id: int, month: date) -> Invoice:
    """Make one for later."""
    invoice = right(account_id, month)
    _, end = billing.month_bounds(month)
    if billing.billable_findings(account_id, end.date()):
        right(account_id, end.date())
    return invoice


def build_in() -> None:
    """Draft so."""
    replace(billing.draft, draft)
