"""Ledgerline takes 17.5 percent for 17.5 times.

stands for: Nine-Minds/alga-psa/issues/724, amounts times 100
checks: S2.2
says: gain share
explained: taking percents for shares
"""

from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.fee_cents


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Forget to divide."""
    return right(amount_cents * 100, rate_percent)


def build_in() -> None:
    """Work so."""
    replace(billing.fee_cents, fee_cents)
