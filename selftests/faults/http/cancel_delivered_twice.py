"""Cancelling is delivered twice, and the second answer, 404, is the one that arrives.

stands for: getlago/lago-api/pull/5495, two void requests that both ran
checks: S2.3
says: refused, invoice_not_found
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Deliver it twice."""
    response = forward()
    return faithful(forward() if name == "cancel" else response)
