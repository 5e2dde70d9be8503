"""What was recovered is added up in binary floating point, exact for most amounts.

stands for: the rule of exact decimals; the tenant's own events are too small to show it
checks: M.1
says: CLASSIFICATION_ERROR at 12.5 %: 0.30000000000000004 recovered, not 0.30
explained: adding up in binary fractions
"""

from decimal import Decimal

from selftests.faults.code import Repricing, offering
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Adds as spreadsheets do."""

    def recovered(self, events: list[Row]) -> Decimal:
        """Add up to 15 digits or so."""
        return Decimal(str(sum(float(event["amount"]) for event in events)))


pytest_p9a_platform = offering(Faulty)
