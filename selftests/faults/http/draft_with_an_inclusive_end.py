"""The draft is told to end on the last second of the month.

stands for: novuhq/novu/pull/12191, an inclusive end
checks: S2.1
says: period [2026-02-01, 2026-02-28 23:59:59)
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell an end that is part of the period."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    return retold(response, periodEnd="2026-02-28T23:59:59Z")
