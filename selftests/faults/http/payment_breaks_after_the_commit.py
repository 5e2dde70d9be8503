"""The payment is recorded, and the connection breaks.

stands for: hmislk/hmis/pull/23833, whose users paid again
says: /mark-paid got no answer
verdict: ABORTED
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Break the connection after a payment."""
    response = forward()
    paid = name == "mark-paid" and response.is_success
    return None if paid else faithful(response)
