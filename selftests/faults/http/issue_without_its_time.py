"""Issuing does not tell when.

stands for: a due date that is reckoned from nothing
checks: S4.2
says: issued at None
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell no time."""
    response = forward()
    return retold(response, issuedAt=None) if name == "issue" else faithful(response)
