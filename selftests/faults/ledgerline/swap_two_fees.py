"""The fees of the largest and the smallest finding are swapped; the total is right.

stands for: killbill/killbill's InvoiceChecker, which lets [10, 99] pass for [10, 10]
checks: S2.2
says: answered: event *: -17.54, not 210.11
explained: exchanging the fees
"""

from collections.abc import Iterable
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Finding, InvoiceItem

right = billing.priced


def priced(findings: Iterable[Finding], rate_percent: Decimal) -> list[InvoiceItem]:
    """Mistake one for the other."""
    items = right(findings, rate_percent)
    if items:
        low, high = min(items, key=_recovered), max(items, key=_recovered)
        low.fee_cents, high.fee_cents = high.fee_cents, low.fee_cents
    return items


def _recovered(item: InvoiceItem) -> int:
    return item.recovered_cents


def build_in() -> None:
    """Price so."""
    replace(billing.priced, priced)
