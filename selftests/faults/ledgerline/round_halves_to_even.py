"""Ledgerline rounds half a cent to the even cent.

stands for: the rule: half away from zero, as no database and no language rounds by itself
checks: S2.2
says: gain share
explained: rounding half to even
"""

from decimal import ROUND_HALF_EVEN, Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Round as bankers do."""
    share = Decimal(amount_cents) * rate_percent / 100
    return int(share.to_integral_value(ROUND_HALF_EVEN))


def build_in() -> None:
    """Round so."""
    replace(billing.fee_cents, fee_cents)
