"""Ledgerline rounds half a cent up, also below zero.

stands for: the rule: half away from zero; JavaScript's Math.round
checks: S2.2
says: gain share
explained: rounding half up
"""

from decimal import Decimal
from math import floor

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Round a half towards the larger number."""
    return floor(Decimal(amount_cents) * rate_percent / 100 + Decimal("0.5"))


def build_in() -> None:
    """Round so."""
    replace(billing.fee_cents, fee_cents)
