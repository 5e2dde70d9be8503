"""Once it is paid, the invoice is told as issued at another time.

stands for: a column that every update sets to now
checks: S4.3
says: issued at 2026-03-05
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell another time of issue."""
    response = forward()
    if name != "mark-paid":
        return faithful(response)
    return retold(response, issuedAt="2026-03-05T00:00:00Z")
