"""Fees are added up exactly and rounded once a line, not once an event.

stands for: getlago/lago-api/pull/821, off by a cent for rounding at another level
checks: S1.4, X1
says: gain share 649.34, not 649.35
explained: rounding each line once
"""

from decimal import Decimal

from selftests.faults.code import Repricing, offering, rounded
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Rounds sums."""

    def line(self, events: list[Row]) -> Decimal:
        """Round the sum of what the events cost exactly."""
        exact = sum((event["amount"] * event["rate"] for event in events), Decimal())
        return rounded(exact, events[0]["currency"])


pytest_p9a_platform = offering(Faulty)
