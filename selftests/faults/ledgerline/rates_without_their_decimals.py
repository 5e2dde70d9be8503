"""Ledgerline cuts the rate to whole percents.

stands for: a column of integers that held 17.5
checks: S2.2
says: gain share
explained: cutting rates to whole percents
"""

from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.fee_cents


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Take the percents in front of the point."""
    return right(amount_cents, Decimal(int(rate_percent)))


def build_in() -> None:
    """Work so."""
    replace(billing.fee_cents, fee_cents)
