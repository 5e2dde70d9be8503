"""The draft's total and a line of it are a millionth of a dollar more.

stands for: a tolerance of a cent that hides a cent, and here what becomes one in a thousand bills
checks: S2.2
says: answered: gain share 649.350001, not 649.35
explained: another amount on one line
"""

from decimal import Decimal

from selftests.faults.http import faithful, lines_of, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Add what no rounding would show."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    first, *rest = lines_of(response)
    lines = [first | {"gainShareAmount": _plus(first["gainShareAmount"])}, *rest]
    total = _plus(response.json()["gainShareAmount"])
    return retold(response, lines=lines, gainShareAmount=total)


def _plus(amount: str) -> str:
    return str(Decimal(amount) + Decimal("0.000001"))
