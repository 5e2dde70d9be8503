"""A line of the preview is a cent less; the total is right.

stands for: invoiceninja/invoiceninja/issues/4370, lines and document rounded apart
checks: S1.4
says: the lines add up to 649.34, not to the total 649.35
explained: a minor unit
"""

from decimal import Decimal

from selftests.faults.http import faithful, lines_of, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Take a cent from the first line."""
    response = forward()
    if name != "preview":
        return faithful(response)
    first, *rest = lines_of(response)
    less = str(Decimal(first["gainShareAmount"]) - Decimal("0.01"))
    return retold(response, lines=[first | {"gainShareAmount": less}, *rest])
