"""Dollars of two countries are added up, and the sum is billed in one of them.

stands for: invopop/gobl/issues/187, currencies summed as one
checks: S1.4, S1.5
says: the period has 2 currencies: CAD, USD
tenant: two_currencies
"""

from collections.abc import Iterable

from selftests.faults.code import Repricing, offering
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Reads amounts and no currencies."""

    def price(self, events: Iterable[Row]) -> list[Row]:
        """Take every event for one in the first one's currency."""
        rows = list(events)
        return super().price({**row, "currency": rows[0]["currency"]} for row in rows)


pytest_p9a_platform = offering(Faulty)
