"""Once it is paid, the invoice is told with another number.

stands for: a number that is read anew instead of kept
checks: S4.3
says: number INV-000999
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell another number."""
    response = forward()
    return (
        retold(response, invoiceNumber="INV-000999") if name == "mark-paid" else faithful(response)
    )
