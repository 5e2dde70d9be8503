"""One bill of many, the twentieth that a process works out, has a cent too much.

stands for: a tolerance of a cent hides a cent; gone when it is looked for again
checks: M.1
says: not every time
explained: a minor unit more on one line
"""

from collections.abc import Iterable
from decimal import Decimal

from selftests.faults.code import Repricing, digits_of, offering
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Goes wrong once."""

    bills = 0

    def price(self, events: Iterable[Row]) -> list[Row]:
        """Add a minor unit to the twentieth bill."""
        lines = super().price(events)
        self.bills += bool(lines)
        if self.bills == 20 and lines:
            lines[0]["gain_share_amount"] += Decimal(1).scaleb(-digits_of(lines[0]["currency"]))
        return lines


pytest_p9a_platform = offering(Faulty)
