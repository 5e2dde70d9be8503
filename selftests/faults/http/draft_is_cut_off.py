"""The draft's answer ends in the middle.

stands for: a response that is cut at a buffer's size, with a length that agrees
checks: S2.1
says: answered nonsense: the body
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Send half of it."""
    response = forward()
    half = len(response.content) // 2
    return (201, response.content[:half]) if name == "invoices" else faithful(response)
