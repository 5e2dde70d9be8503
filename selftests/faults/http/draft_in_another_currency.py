"""The draft is told in euros, with the amounts in dollars.

stands for: invopop/gobl/issues/187, currencies taken for one
checks: S2.2
says: currency EUR, not USD
explained: telling another currency
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell the wrong currency."""
    response = forward()
    return retold(response, currency="EUR") if name == "invoices" else faithful(response)
