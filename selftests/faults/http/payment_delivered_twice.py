"""The payment is delivered twice, and the second answer, a refusal, arrives.

stands for: hmislk/hmis/pull/23833, a double submit
checks: S4.3
says: invoice_is_not_issued
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Deliver payments twice."""
    response = forward()
    paid = name == "mark-paid" and response.is_success
    return faithful(forward() if paid else response)
