"""A payment of a draft is refused by the name of another rule.

stands for: a caller that acts on the wrong reason
checks: S4.4
says: not invoice_is_not_issued
tenant: empty
"""

from selftests.faults.http import faithful, refused
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Name the wrong rule."""
    response = forward()
    wrong = name == "mark-paid" and response.status_code == 409
    return refused("invoice_is_not_draft", 409) if wrong else faithful(response)
