"""Ledgerline cuts fractions of a cent off.

stands for: getlago/lago-api/pull/821, off by a cent
checks: S2.2
says: gain share
explained: rounding towards zero
"""

from decimal import ROUND_DOWN, Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace


def fee_cents(amount_cents: int, rate_percent: Decimal) -> int:
    """Cut the fraction off."""
    share = Decimal(amount_cents) * rate_percent / 100
    return int(share.to_integral_value(ROUND_DOWN))


def build_in() -> None:
    """Round so."""
    replace(billing.fee_cents, fee_cents)
