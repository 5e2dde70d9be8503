"""A draft is told to be issued at once.

stands for: an invoice that goes out although nobody approved it
checks: S2.1
says: status ISSUED
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell the wrong status."""
    response = forward()
    return retold(response, status="ISSUED") if name == "invoices" else faithful(response)
