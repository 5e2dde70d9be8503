"""The draft's total is NaN.

stands for: a division by no events that nobody caught
checks: S2.1
says: answered nonsense: gainShareAmount
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell what is no amount."""
    response = forward()
    return retold(response, gainShareAmount="NaN") if name == "invoices" else faithful(response)
