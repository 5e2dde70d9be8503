"""Ledgerline works fees out in binary fractions.

stands for: 1.005, which is less than that in binary; half away from zero all the same
checks: S2.2
says: gain share
explained: working in binary fractions of minor units
"""

from decimal import Decimal
from math import copysign, floor

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Take a share that is not quite what it says."""
    share = amount_cents * (float(rate_percent) / 100)
    return int(copysign(floor(abs(share) + 0.5), share))


def build_in() -> None:
    """Work so."""
    replace(billing.fee_cents, fee_cents)
