"""The draft's total is a cent more than its lines.

stands for: invoiceninja/invoiceninja/issues/4370, document-level rounding
checks: S2.2
says: answered: the lines add up to 649.35, not to the total 649.36
explained: adding a minor unit to the total alone
"""

from decimal import Decimal

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Add a cent to the total alone."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    total = Decimal(response.json()["gainShareAmount"]) + Decimal("0.01")
    return retold(response, gainShareAmount=str(total))
