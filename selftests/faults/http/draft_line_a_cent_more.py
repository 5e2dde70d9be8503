"""A line of the draft is a cent more, and the total with it.

stands for: getlago/lago-api/pull/821, off by a cent
checks: S2.2
says: answered: gain share 649.36, not 649.35
explained: a minor unit more on one line
"""

from decimal import Decimal

from selftests.faults.http import faithful, lines_of, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Add a cent where nobody adds up wrong."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    first, *rest = lines_of(response)
    more = _plus(first["gainShareAmount"])
    total = _plus(response.json()["gainShareAmount"])
    lines = [first | {"gainShareAmount": more}, *rest]
    return retold(response, lines=lines, gainShareAmount=total)


def _plus(amount: str) -> str:
    return str(Decimal(amount) + Decimal("0.01"))
