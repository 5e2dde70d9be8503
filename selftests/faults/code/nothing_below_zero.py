"""A line that would give money back bills nothing instead.

stands for: getlago/lago-api/pull/4273, totals below zero; the tenant's own lines are all above
checks: M.1
says: ADDRESS_CORRECTION at 25 %: 0.00, not -25.03
explained: letting no line go below zero
"""

from decimal import Decimal

from selftests.faults.code import Repricing, offering
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Never gives money back."""

    def line(self, events: list[Row]) -> Decimal:
        """Bill at least nothing."""
        return max(super().line(events), Decimal())


pytest_p9a_platform = offering(Faulty)
