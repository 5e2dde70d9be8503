"""The draft's number is empty.

stands for: an invoice that nobody can refer to
checks: S2.1
says: number ''
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell no number."""
    response = forward()
    return retold(response, invoiceNumber="") if name == "invoices" else faithful(response)
