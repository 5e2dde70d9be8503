"""Ledgerline gives no fee back for a reversal.

stands for: the rule that a reversal is billed like a gain
checks: S2.2
says: gain share
explained: letting no fee go below zero
"""

from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.fee_cents


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Keep what was charged."""
    return max(0, right(amount_cents, rate_percent))


def build_in() -> None:
    """Work so."""
    replace(billing.fee_cents, fee_cents)
