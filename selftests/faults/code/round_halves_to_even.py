"""Halves of a cent go to the even cent, in preview, draft and tables alike.

stands for: invoiceninja/invoiceninja/issues/4370, rounding that was not agreed on
checks: S1.4, X1
says: gain share 649.32, not 649.35
explained: rounding half to even
"""

from decimal import ROUND_HALF_EVEN, Decimal

from selftests.faults.code import Repricing, offering, rounded
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Rounds as bankers do."""

    def fee(self, event: Row) -> Decimal:
        """Round halves to even."""
        return rounded(event["amount"] * event["rate"], event["currency"], ROUND_HALF_EVEN)


pytest_p9a_platform = offering(Faulty)
