"""The draft is told to begin an hour after the month does.

stands for: killbill/killbill/issues/139, a conversion between time zones
checks: S2.1
says: period [2026-02-01 01:00:00, 2026-03-01)
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell local time as UTC."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    return retold(response, periodStart="2026-02-01T01:00:00Z")
