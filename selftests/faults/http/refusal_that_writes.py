"""A refused cancelling of an issued invoice marks it paid.

stands for: own-pay/OwnPay/issues/184, a forbidden transition that changes the state
checks: S4.4
says: cancel of an invoice that is ISSUED wrote something
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Write although it says no."""
    response = forward()
    if name == "cancel" and response.status_code == 409:
        forward(path=forward.path.removesuffix("cancel") + "mark-paid")
    return faithful(response)
