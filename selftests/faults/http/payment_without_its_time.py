"""The paid invoice is told without when it was paid.

stands for: a reconciliation that has nothing to go by
checks: S4.3
says: paid at None
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell no time."""
    response = forward()
    return retold(response, paidAt=None) if name == "mark-paid" else faithful(response)
