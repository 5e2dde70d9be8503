"""The invoice is told as paid before it was issued.

stands for: local time that is told as UTC
checks: S4.3
says: paid at 2026-01-01
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell an early payment."""
    response = forward()
    if name != "mark-paid":
        return faithful(response)
    return retold(response, paidAt="2026-01-01T00:00:00Z")
