"""Halves of a cent go up, also where the customer gets money back.

stands for: getlago/lago-api/pull/4273, credits that were rounded the wrong way
checks: S1.4, X1
says: gain share 649.36, not 649.35
explained: rounding half up
"""

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from selftests.faults.code import Repricing, offering, rounded
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Adds a half and cuts off."""

    def fee(self, event: Row) -> Decimal:
        """Round halves towards plus infinity."""
        exact = event["amount"] * event["rate"]
        rounding = ROUND_HALF_UP if exact > 0 else ROUND_HALF_DOWN
        return rounded(exact, event["currency"], rounding)


pytest_p9a_platform = offering(Faulty)
