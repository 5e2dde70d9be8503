"""Every other number is left out.

stands for: getlago/lago-api/pull/5523, a finalisation that advanced the number twice
checks: S4.5
says: does not follow
tenant: billed_before
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.next_number


def next_number(year: int) -> str:
    """Take two, and give one."""
    right(year)
    return right(year)


def build_in() -> None:
    """Count so."""
    replace(billing.next_number, next_number)
