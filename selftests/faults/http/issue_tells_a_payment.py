"""Issuing tells when the invoice was paid.

stands for: a column that is filled from its neighbour
checks: S4.2
says: paid at 2026
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell a payment that was not."""
    response = forward()
    if name != "issue":
        return faithful(response)
    return retold(response, paidAt=response.json().get("issuedAt"))
