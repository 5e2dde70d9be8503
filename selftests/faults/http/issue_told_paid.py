"""Issuing tells that the invoice is paid.

stands for: own-pay/OwnPay/issues/184, states out of their order
checks: S4.2
says: status PAID
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Skip a state."""
    response = forward()
    return retold(response, status="PAID") if name == "issue" else faithful(response)
