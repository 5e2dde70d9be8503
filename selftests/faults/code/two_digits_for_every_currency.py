"""Fees have two digits in every currency, also in Kuwaiti dinars and in yen.

stands for: getlago/lago-api/issues/643, JPY times 100; the tenant's own events are in dollars
checks: M.1
says: preview: gain share 300.25, not 300
explained: rounding to two digits
"""

from decimal import Decimal

from selftests.faults.code import Repricing, offering, rounded
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Thinks that all money has cents."""

    def fee(self, event: Row) -> Decimal:
        """Round to two digits."""
        return rounded(event["amount"] * event["rate"], "USD")


pytest_p9a_platform = offering(Faulty)
