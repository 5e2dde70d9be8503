"""The draft's total has a decimal comma.

stands for: an amount formatted for people where programs read it
checks: S2.1
says: answered nonsense: gainShareAmount
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Write it as in Vienna."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    return retold(response, gainShareAmount=response.json()["gainShareAmount"].replace(".", ","))
