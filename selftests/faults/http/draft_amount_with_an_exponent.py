"""The draft's total is written with an exponent; its value is right.

stands for: decimals that are normalised: 1000 becomes 1E+3 on the customer's page
checks: S2.1
says: answered nonsense: gainShareAmount
"""

from decimal import Decimal

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Write the total in scientific notation."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    total = Decimal(response.json()["gainShareAmount"])
    return retold(response, gainShareAmount=f"{total.normalize():E}")
