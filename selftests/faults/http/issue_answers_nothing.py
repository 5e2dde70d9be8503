"""Issuing answers 200 with an empty body.

stands for: a handler that forgets to return what it did
checks: S4.2
says: answered nonsense: the body
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Send nothing."""
    response = forward()
    issued = name == "issue" and response.is_success
    return (200, b"") if issued else faithful(response)
