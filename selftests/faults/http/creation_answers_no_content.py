"""The draft is made, and the answer is 204.

stands for: a caller that cannot know what it has to cancel
checks: S2.1
says: answered 204
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Say that there is nothing to say."""
    response = forward()
    return (204, b"") if name == "invoices" else faithful(response)
