"""Cancelling removes the draft and answers 500.

stands for: an error after the commit that is told as if nothing had happened
checks: S2.3
says: /cancel answered 500
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Do it and say that it broke."""
    response = forward()
    return (500, b"out of order") if name == "cancel" else faithful(response)
