"""The payment is answered with another invoice's id.

stands for: an answer of a neighbour's request on a shared connection
checks: S4.3
says: another invoice was answered
tenant: empty
"""

from uuid import uuid4

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell another id."""
    response = forward()
    return retold(response, id=str(uuid4())) if name == "mark-paid" else faithful(response)
