"""Ledgerline rounds half a cent towards zero.

stands for: the rule: half away from zero
checks: S2.2
says: gain share
explained: rounding half towards zero
"""

from decimal import ROUND_HALF_DOWN, Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Round a half in the customer's favour."""
    share = Decimal(amount_cents) * rate_percent / 100
    return int(share.to_integral_value(ROUND_HALF_DOWN))


def build_in() -> None:
    """Round so."""
    replace(billing.fee_cents, fee_cents)
