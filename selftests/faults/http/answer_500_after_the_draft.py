"""The draft is made, and the answer is 500.

stands for: frappe/central/pull/170, whose callers tried again and made invoices anew
checks: S2.1
says: invoices answered 500
"""

from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Forward every call; break the answer to a creation."""
    response = forward()
    return (500, b"") if name == "invoices" else (response.status_code, response.content)
