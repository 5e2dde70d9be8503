"""Making a draft adds a finding for the difference to whole dollars, of the month after.

stands for: aerele/jarvis/pull/198, a call that queued what nobody asked for
checks: S2.3
says: ledger.findings * is new
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, Invoice

right = billing.draft


def draft(account_id: int, month: date) -> Invoice:
    """Carry the rest over."""
    invoice = right(account_id, month)
    _, end = billing.month_bounds(month)
    Finding.objects.create(
        account=invoice.account,
        kind="rounding",
        state="recovered",
        amount_cents=invoice.total_cents % 100,
        happened_at=end,
        reference=f"rounding-{invoice.pk}",
    )
    return invoice


def build_in() -> None:
    """Draft so."""
    replace(billing.draft, draft)
