"""The draft's amounts are told in cents, as integers.

stands for: getlago/lago-api/issues/643, a minor unit that is not the currency's
checks: S2.2
says: answered: gain share 64935.00, not 649.35
explained: telling amounts in minor units
"""

from decimal import Decimal
from typing import Any

from selftests.faults.http import faithful, lines_of, retold
from selftests.proxy import Answer, Forward

AMOUNTS = ("recoveredAmount", "gainShareAmount")


def answer(name: str, forward: Forward) -> Answer:
    """Tell cents throughout."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    lines = [line | _cents(line) for line in lines_of(response)]
    return retold(response, lines=lines, **_cents(response.json()))


def _cents(told: dict[str, Any]) -> dict[str, str]:
    return {amount: str(int(Decimal(told[amount]) * 100)) for amount in AMOUNTS}
