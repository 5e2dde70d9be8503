"""Ledgerline divides integers as Python does, and always rounds down.

stands for: a reversal that takes back more than was charged
checks: S2.2
says: gain share
explained: rounding towards minus infinity
"""

from decimal import ROUND_FLOOR, Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Round down, below zero too."""
    share = Decimal(amount_cents) * rate_percent / 100
    return int(share.to_integral_value(ROUND_FLOOR))


def build_in() -> None:
    """Round so."""
    replace(billing.fee_cents, fee_cents)
