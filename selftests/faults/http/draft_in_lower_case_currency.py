"""The draft's currency is written in lower case.

stands for: a code that ISO 4217 does not know: its readers find no minor unit
checks: S2.2
says: currency usd, not USD
explained: telling the currency in lower case
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell it in lower case."""
    response = forward()
    return retold(response, currency="usd") if name == "invoices" else faithful(response)
