"""Ledgerline bills what was lost again as if it were recovered.

stands for: killbill/killbill/issues/139, a credit with the wrong sign
checks: S2.2
says: gain share
explained: adding the fees of reversals
"""

from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.fee_cents


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Lose the sign."""
    return right(abs(amount_cents), rate_percent)


def build_in() -> None:
    """Work so."""
    replace(billing.fee_cents, fee_cents)
