"""Every creation is done, and its connection broken before the answer.

stands for: Paymenter/Paymenter/pull/1244, a caller who never learns what was made
says: whether that was done all the same is not known
verdict: ABORTED
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Break the connection after each creation."""
    response = forward()
    return None if name == "invoices" else faithful(response)
