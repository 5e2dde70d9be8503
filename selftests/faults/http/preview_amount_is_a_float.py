"""The preview's total is a JSON number.

stands for: getlago/lago-api/pull/821, cents lost to binary fractions
checks: S1.4
says: answered nonsense: gainShareAmount
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell the total as a number."""
    response = forward()
    if name != "preview":
        return faithful(response)
    return retold(response, gainShareAmount=float(response.json()["gainShareAmount"]))
