"""The preview's rates are percentages: 25 where 0.25 is meant.

stands for: Nine-Minds/alga-psa/issues/724, a factor of 100
checks: S1.4
says: at 2500 %
explained: telling rates in percents
"""

from decimal import Decimal

from selftests.faults.http import faithful, lines_of, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Multiply the rates, and nothing else."""
    response = forward()
    if name != "preview":
        return faithful(response)
    lines = [line | {"rate": str(Decimal(line["rate"]) * 100)} for line in lines_of(response)]
    return retold(response, lines=lines)
