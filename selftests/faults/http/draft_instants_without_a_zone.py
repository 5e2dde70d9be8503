"""The draft's period is told without a time zone.

stands for: killbill/killbill/pull/1856, a day that depends on who reads it
checks: S2.1
says: answered nonsense: periodStart
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell an instant that could be many."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    return retold(response, periodStart="2026-02-01T00:00:00")
