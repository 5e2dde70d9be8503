"""Ledgerline rounds a fee to a tenth of a cent first, then to cents.

stands for: a platform that keeps three decimals and shows two
checks: S2.2
says: gain share
explained: rounding twice
"""

from decimal import ROUND_HALF_UP, Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Round what was rounded."""
    share = Decimal(amount_cents) * rate_percent / 100
    tenths = share.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return int(tenths.to_integral_value(ROUND_HALF_UP))


def build_in() -> None:
    """Round so."""
    replace(billing.fee_cents, fee_cents)
