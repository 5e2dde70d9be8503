"""The draft's answer has no number at all.

stands for: a client that shows 'undefined' on an invoice
checks: S2.1
says: answered nonsense: invoiceNumber
"""

import json

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Leave the number out."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    told = response.json()
    del told["invoiceNumber"]
    return response.status_code, json.dumps(told).encode()
